//! The JSON layer as emitted types use it: what leniency keeps, what strict mode reports, and that nothing is lost.
#![allow(clippy::unwrap_used, reason = "all of this is tests")]

#[path = "json/samples.rs"]
mod samples;

use std::fmt::Debug;

use openai_runtime::json::{self, Decode, Encode, Extra, Json, JsonModel, Map, Object, Writer};
use samples::chat::{ChatChunk, Delta};
use samples::files::{FileList, FileObject};
use samples::probe::{Box3, Constants, Filter, In, IntOrText, Letter, Model, Node, Out, Shape, Square};
use samples::responses::{Input, OutputItem, Response, StreamEvent};

/// Decodes, encodes back and expects the same JSON.
#[track_caller]
fn same<T: Decode + Encode + Debug + PartialEq>(text: &str) -> T {
    let shown = text.get(..500).unwrap_or(text);
    let value = T::from_json(text).unwrap_or_else(|error| panic!("{shown}: {error}"));
    let back = value.to_json();
    assert_eq!(Json::from_text(&back).unwrap(), Json::from_text(text).unwrap());
    let again = T::from_json(&back).unwrap();
    assert!(again == value && again.to_json() == back, "{shown}");
    assert_eq!(Json::from_text(&value.to_json_pretty()).unwrap(), Json::from_text(text).unwrap());
    value
}

/// What strict mode reports, as `path: expected X, found Y` lines.
#[track_caller]
fn departures<T: Decode + Encode>(text: &str) -> Vec<String> {
    match T::from_json_strict(text) {
        Ok(_) => Vec::new(),
        Err(error) => error.departures().iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_probe_of_the_contract_keeps_everything() {
    let out: Out = same(
        r#"{"i":"5","f":3,"s":7,"e":"zzz","l":[{"a":"q"},5,null],"m":"notobj","d":{"k":{"a":1.0},"j":5},"u":"12",
            "dt":"2024-01-02T03:04:05Z","df":null,"extra":{"q":1}}"#,
    );
    assert_eq!((out.i, out.f, out.s.as_str()), (0, 3.0, ""));
    assert_eq!(out.extra.get("i"), Some(&Json::from("5")));
    assert_eq!(out.extra.get("s"), Some(&Json::from(7)));
    assert_eq!(out.e, Letter::Other("zzz".into()));
    assert_eq!(out.l[0].extra.get("a"), Some(&Json::from("q")));
    assert_eq!(out.l[1].extra.whole(), Some(&Json::from(5)));
    assert_eq!(out.l[2].extra.whole(), Some(&Json::null()));
    assert_eq!((&out.m, out.extra.get("m")), (&In::default(), Some(&Json::from("notobj"))));
    assert_eq!((out.d["k"].a, out.d["j"].extra.whole()), (1, Some(&Json::from(5))));
    assert_eq!(out.u, IntOrText::Text("12".into()));
    assert_eq!((out.o, out.df), (None, None));
    assert!(out.extra.is_null(Out::FIELDS, "df"));
    assert_eq!(out.extra.get("extra").unwrap().to_value(), serde_json::json!({"q": 1}));
    let names: Vec<&str> = out.extra.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["i", "s", "m", "dt", "extra"]);
}

#[test]
fn objects_encode_back_to_the_same_json() {
    for text in [
        "{}",
        r#"{"i":null,"o":null,"df":null,"u":null,"l":null}"#,
        r#"{"i":1,"i":2}"#,
        r#"{"i":1,"i":"x"}"#,
        r#"{"i":"x","i":1}"#,
        r#"{"i":null,"i":1}"#,
        r#"{"i":1,"i":null}"#,
        r#"{"o":{"a":1},"o":null}"#,
        r#"{"o":{"a":1},"o":5}"#,
        r#"{"x":1,"y":2,"x":3}"#,
        r#"{"i":"x","z":1,"i":"y"}"#,
        r#"{"l":[{"a":1},{"a":null,"b":null},[],"x"]}"#,
        r#"{"l":{"a":1}}"#,
        r#"{"d":{"k":null,"k":{"a":2}}}"#,
        r#"{"d":[]}"#,
        r#"{"i":1e3,"f":-0.0}"#,
        r#"{"i":9223372036854775807}"#,
        r#"{"i":9223372036854775808,"f":123456789012345678901234567890}"#,
        r#"{"i":-9223372036854775808,"f":1e999}"#,
        r#"{"i":1.5,"f":1e-999,"u":1.5}"#,
        r#"{"s":"\ud800","u":"\udfff x","x":"\ud83d"}"#,
        r#"{"\ud800":1,"s":"x"}"#,
        r#"{"m":{"\ud800":1,"a":2},"s":"x"}"#,
        r#"{"d":{"\ud800":1},"l":[{"\ud800":1}]}"#,
        r#"{"s":"\u0000\n\"\\ \u20ac 𝄞 \ud834\udd1e"}"#,
        r#"{"a b":1,"":2,"\"":3,"i":4}"#,
        r#"[1,2]"#,
        "null",
        r#""text""#,
        "5",
        " { \"i\" : 1 ,\n\t\"s\":\"\" , \"zz\": [ 1 , 2 ] } ",
    ] {
        same::<Out>(text);
    }
}

#[test]
fn the_last_of_repeated_keys_wins() {
    assert_eq!(same::<Out>(r#"{"i":"x","i":1}"#).i, 1);
    assert!(same::<Out>(r#"{"i":"x","i":1}"#).extra.is_empty());
    let out = same::<Out>(r#"{"i":1,"i":"x"}"#);
    assert_eq!((out.i, out.extra.get("i")), (0, Some(&Json::from("x"))));
    assert_eq!(same::<Out>(r#"{"o":{"a":1},"o":null}"#).o, None);
}

#[test]
fn constants_that_contradict_come_back_as_they_were() {
    for text in [
        r#"{"text":"list","rate":24000,"flag":true,"n":1}"#,
        r#"{"text":"other","rate":8000,"flag":false}"#,
        r#"{"text":null,"rate":null,"flag":null}"#,
        r#"{"text":5,"rate":"24000","flag":{}}"#,
        r#"{"rate":24000.0}"#,
        "{}",
    ] {
        same::<Constants>(text);
    }
    assert_eq!(Constants::default().to_json(), r#"{"text":"list","rate":24000,"flag":true}"#);
}

#[test]
fn typed_values_win_over_what_extra_remembers() {
    let mut out = Out::from_json(r#"{"i":"x","s":null,"o":null,"df":5}"#).unwrap();
    out.i = 7;
    out.s = "set".into();
    out.o = Some(In::default());
    out.df = Some("set".into());
    let expect = r#"{"i":7,"s":"set","o":{"a":0},"df":"set"}"#;
    assert_eq!(out.to_json(), expect);

    let mut whole = In::from_json("[1]").unwrap();
    assert_eq!(whole.to_json(), "[1]");
    whole.b = Some("b".into());
    assert_eq!(whole.to_json(), r#"{"b":"b"}"#);
}

#[test]
fn extra_fields_are_set_by_name() {
    let mut value = In::default();
    json::set_extra(&mut value, "a".into(), Json::from(5));
    json::set_extra(&mut value, "b".into(), Json::from(5));
    json::set_extra(&mut value, "c".into(), Json::from("x"));
    assert_eq!((value.a, value.b.as_deref()), (5, None));
    assert_eq!(value.to_json(), r#"{"a":5,"b":5,"c":"x"}"#);
    json::set_extra(&mut value, "b".into(), Json::null());
    json::set_extra(&mut value, "a".into(), Json::null());
    assert_eq!((value.a, value.to_json().as_str()), (0, r#"{"a":null,"b":null,"c":"x"}"#));

    let mut value = In { b: Some("x".into()), ..In::default() };
    value.extra.set_null(In::FIELDS, "b");
    assert_eq!(value.to_json(), r#"{"a":0,"b":"x"}"#);
    value.b = None;
    assert_eq!(value.to_json(), r#"{"a":0,"b":null}"#);
}

#[test]
fn unions_go_by_tag_type_and_fit() {
    assert!(matches!(same(r#"{"type":"message","id":"m"}"#), OutputItem::Message(_)));
    assert!(matches!(same(r#"{"id":"m","x":{"type":"reasoning"},"type":"function_call"}"#), OutputItem::FunctionCall(_)));
    assert!(matches!(same(r#"{"id":"\ud800","type":"function_call"}"#), OutputItem::FunctionCall(_)));
    let OutputItem::Unknown(unknown) = same(r#"{"type":"brand_new","z":[1]}"#) else { panic!("not unknown") };
    assert_eq!(unknown.tag("type").as_deref(), Some("brand_new"));
    for text in ["{}", "5", "null", "[]", r#"{"type":5}"#, r#"{"type":null}"#, r#""message""#] {
        assert!(matches!(same(text), OutputItem::Unknown(_)), "{text}");
    }
    for (text, is_square) in [
        (r#"{"side":1}"#, true),
        (r#"{"side":1,"height":2}"#, false),
        (r#"{"side":1,"height":2,"unit":"cm"}"#, true),
        (r#"{"side":1,"unit":"inch"}"#, false),
        (r#"{"side":1,"unit":"\u0063m"}"#, true),
        (r#"{"unit":"\ud800"}"#, true),
        ("{}", true),
    ] {
        assert_eq!(matches!(same(text), Shape::Square(_)), is_square, "{text}");
    }
    assert!(matches!(same(r#""text""#), Input::Text(_)));
    assert!(matches!(same(r#"[{"type":"message"},5]"#), Input::Items(_)));
    assert!(matches!(same("5"), Input::Unknown(_)));
    assert!(matches!(same::<Out>(r#"{"u":"\ud800"}"#).u, IntOrText::Unknown(_)));
}

#[test]
fn open_enums_take_any_string() {
    for (text, expect) in [("\"o3\"", Model::O3), ("\"o4\"", Model::Other("o4".into())), (r#""\u006f3""#, Model::O3)] {
        assert_eq!(same::<Model>(text), expect);
    }
    assert_eq!((Letter::from("x"), Letter::from(String::from("q")).to_string()), (Letter::X, "q".to_owned()));
    assert_eq!(Letter::default(), Letter::Other(String::new()));
    assert_eq!(departures::<Vec<Model>>(r#"["o3","o4"]"#), [""; 0]);
    assert_eq!(departures::<Vec<Letter>>(r#"["x","z"]"#), [r#"$[1]: expected one of "x", "y", found string "z""#]);
}

#[test]
fn strict_mode_reports_every_departure() {
    assert_eq!(
        departures::<Out>(
            r#"{"i":"5","f":3,"s":7,"e":"zzz","l":[{"a":"q"},5,null,{}],"m":null,"d":{"a b":{"a":1.0},"j":5},"u":true,"o":null,
                "df":null,"new":1}"#
        ),
        [
            r#"$.i: expected an integer, found string "5""#,
            "$.s: expected a string, found number 7",
            r#"$.e: expected one of "x", "y", found string "zzz""#,
            r#"$.l[0].a: expected an integer, found string "q""#,
            "$.l[1]: expected an object, found number 5",
            "$.l[2]: expected an object, found null",
            "$.l[3].a: expected a required field, found nothing",
            "$.m: expected a value other than null, found null",
            "$.d.j: expected an object, found number 5",
            "$.u: expected a value that fits a variant, found boolean true",
            "$.df: expected a value other than null, found null",
        ]
    );
    assert_eq!(
        departures::<Constants>(r#"{"text":"other","rate":8000}"#),
        [r#"$.text: expected "list", found string "other""#, "$.rate: expected 24000, found number 8000"]
    );
    assert_eq!(departures::<OutputItem>(r#"{"x":"\ud800","type":"no"}"#), ["$: expected a value that fits a variant, found an object"]);
    assert_eq!(departures::<Node>(r#"{"value":1e99}"#), ["$.value: expected a 64-bit integer, found number 1e99"]);
    assert_eq!(departures::<Node>(r#"{"value":1,"value":2,"next":{"value":3.0},"next":null,"new":"\ud800"}"#), [""; 0]);
}

#[test]
fn departures_without_end_are_counted() {
    let error = Vec::<In>::from_json_strict(&format!("[{}0]", "0,".repeat(2000))).unwrap_err();
    assert_eq!((error.departures().len(), error.omitted()), (1000, 1001));
    let text = error.to_string();
    assert!(text.starts_with("2001 departures") && text.ends_with("; and 1001 more"), "{text}");
}

#[test]
fn what_no_type_can_hold_is_an_error_that_says_where() {
    let error = Vec::<Vec<i64>>::from_json("[[1],\n [2, \"x\"]]").unwrap_err();
    assert!(!error.is_syntax());
    assert_eq!(error.to_string(), r#"$[1][1]: expected an integer, found string "x""#);
    assert_eq!((error.line(), error.column(), error.offset()), (2, 6, 11));
}

#[test]
fn text_that_is_not_json_is_an_error_that_says_where() {
    for (text, expect) in [
        ("", "invalid JSON at $, line 1 column 1: end of input"),
        ("<html>", "invalid JSON at $, line 1 column 1: expected value"),
        (r#"{"i":1"#, "invalid JSON at $.i, line 1 column 7: end of input"),
        (r#"{"i":1 "s":2}"#, "invalid JSON at $.i, line 1 column 8: neither `,` nor `}` after a member"),
        (r#"{"i" 1}"#, "invalid JSON at $.i, line 1 column 6: no `:` after a key"),
        (r#"{i:1}"#, "invalid JSON at $, line 1 column 2: no key where a member starts"),
        (r#"{"i":1,}"#, "invalid JSON at $, line 1 column 8: no key where a member starts"),
        (r#"{"l":[{"a":1},{"a":nul}]}"#, "invalid JSON at $.l[1].a, line 1 column 23: expected ident"),
        (r#"{"l":[{"a":1} {}]}"#, "invalid JSON at $.l[0], line 1 column 15: neither `,` nor `]` after an element"),
        (r#"{"l":[{"a":1},]}"#, "invalid JSON at $.l[1], line 1 column 15: a trailing comma"),
        (r#"{"s":"a"#, "invalid JSON at $.s, line 1 column 8: EOF while parsing a string"),
        (r#"{"s":"a\q"}"#, "invalid JSON at $.s, line 1 column 9: invalid escape"),
        (r#"{"i":1} x"#, "invalid JSON at $, line 1 column 9: more after the end of the value"),
        ("{\"s\":\"\u{1}\"}", "invalid JSON at $.s, line 1 column 7: control character (\\u0000-\\u001F) found while parsing a string"),
        (r#"{"new":[1,]}"#, "invalid JSON at $.new[1], line 1 column 11: trailing comma"),
        (r#"{"i":Infinity}"#, "invalid JSON at $.i, line 1 column 6: expected value"),
    ] {
        let error = Out::from_json(text).unwrap_err();
        assert!(error.is_syntax());
        assert_eq!(error.to_string(), expect, "{text}");
    }
    let error = json::from_slice::<Out>(b"{\"s\":\"\xff\"}").unwrap_err();
    assert_eq!((error.is_syntax(), error.offset()), (true, 6));
    assert_eq!(json::from_slice::<Out>(b"\xef\xbb\xbf{\"i\":1}").unwrap().i, 1);
}

#[test]
fn nesting_is_bounded() {
    let array = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let nested = |depth: usize, open: &str, close: &str| format!("{}{}", open.repeat(depth), close.repeat(depth));
    assert!(Json::from_text(&array(128)).is_ok());
    assert_eq!(
        Json::from_text(&array(128)).unwrap().to_value(),
        serde_json::from_str::<serde_json::Value>("[]")
            .map(|_| { (1..128).fold(serde_json::json!([]), |inner, _| serde_json::Value::Array(vec![inner])) })
            .unwrap()
    );
    for depth in [129, 200, 100_000] {
        let error = Json::from_text(&array(depth)).unwrap_err();
        assert!(error.is_syntax() && error.found().contains("128"), "{error}");
        assert!(Out::from_json(&format!(r#"{{"x":{}}}"#, array(depth - 1))).is_err());
        assert!(Node::from_json(&nested(depth, r#"{"next":"#, "}").replace(":}", ":null}")).is_err());
        assert!(Filter::from_json(&nested(depth, r#"{"type":"and","filters":["#, "]}")).is_err());
    }
    same::<Out>(&format!(r#"{{"x":{}}}"#, array(127)));
    let deep: Node = same(&nested(128, r#"{"value":1,"next":"#, "}").replace(":}", ":null}"));
    assert_eq!(deep.value, 1);
    same::<Filter>(&nested(64, r#"{"filters":["#, r#"],"type":"and"}"#));
    // Brackets in strings are no nesting.
    same::<Out>(&format!(r#"{{"x":["{}","\"{}"]}}"#, "[".repeat(300), "{".repeat(300)));
}

#[test]
fn hostile_nesting_of_unions_takes_linear_time() {
    // The tag comes last on each level, so that every level looks ahead over all deeper ones.
    let filler = format!(r#"{{"type":"eq","key":"{}","value":1}}"#, "x".repeat(20_000));
    let deepest = vec![filler.as_str(); 50].join(",");
    let text = format!("{}{}{}", r#"{"filters":["#.repeat(63), deepest, r#"],"type":"and"}"#.repeat(63));
    let value = Filter::from_json(&text).unwrap();
    assert_eq!(value.to_json().len(), text.len());
}

#[test]
fn repeated_keys_and_unknown_keys_take_linear_time() {
    let text = format!(r#"{{{}"i":1}}"#, (0..100_000).map(|n| format!(r#""i":"x","k{n}":1,"#)).collect::<String>());
    let out = Out::from_json(&text).unwrap();
    assert_eq!((out.i, out.extra.len()), (1, 100_000));
}

#[test]
fn floats_that_are_not_finite_are_refused_with_their_path() {
    let out = Out { l: vec![In::default()], f: f64::NAN, ..Out::default() };
    let error = json::encode(&out).unwrap_err();
    assert_eq!(error.to_string(), "$.f: expected a finite number, found NaN");
    assert_eq!(json::encode(&[1.0, f64::NEG_INFINITY][..]).unwrap_err().path(), "$[1]");
    assert!(out.try_to_json().is_err());
    assert!(serde_json::to_string(&out).is_err());
}

#[test]
fn uploads_are_recorded_where_they_stand() {
    use openai_runtime::Upload;
    let upload: Upload = json::from_str(r#"{"$file":{"name":"a.png","bytes":"aGk=","content_type":"image/png"}}"#).unwrap();
    assert_eq!(upload, Upload::bytes("a.png", "hi").content_type("image/png"));
    assert_eq!(json::from_str::<Upload>(r#"{"$file":{"name":null,"bytes":""}}"#).unwrap(), Upload::default());
    assert!(json::from_str::<Upload>(r#"{"$file":{"bytes":"?"}}"#).is_err());
    let encoded = json::encode(&vec![upload.clone(), upload]).unwrap();
    assert_eq!(encoded.json, "[null,null]");
    assert_eq!(encoded.uploads.iter().map(|(offset, _)| *offset).collect::<Vec<_>>(), [1, 6]);
}

#[test]
fn serde_works_with_any_format_and_inside_other_types() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Mine {
        out: Out,
        letter: Letter,
        map: Map<In>,
        json: Json,
        #[serde(flatten)]
        shape: Shape,
    }

    let text = r#"{"out":{"i":"5","new":{"q":[1,null,-2.5,"\n"]}},"letter":"z","map":{"b":{"a":1},"a":5},"json":[true],"side":2.0}"#;
    let mine: Mine = serde_json::from_str(text).unwrap();
    assert_eq!(Json::from_text(&serde_json::to_string(&mine).unwrap()).unwrap(), Json::from_text(text).unwrap());
    let value = serde_json::to_value(&mine).unwrap();
    assert_eq!(value, serde_json::from_str::<serde_json::Value>(text).unwrap());
    let again: Mine = serde_json::from_value(value).unwrap();
    assert_eq!((&again.out, &again.letter, &again.map, &again.json), (&mine.out, &mine.letter, &mine.map, &mine.json));
    // A format that is not text.
    let mut cbor = Vec::new();
    ciborium::into_writer(&again, &mut cbor).unwrap();
    let from_cbor: Mine = ciborium::from_reader(&cbor[..]).unwrap();
    assert_eq!((&from_cbor.out, &from_cbor.letter, &from_cbor.json), (&again.out, &again.letter, &again.json));
    // Text keeps what a tree cannot.
    let out: Out = serde_json::from_str(r#"{"i":123456789012345678901234567890}"#).unwrap();
    assert_eq!(out.to_json(), r#"{"i":123456789012345678901234567890}"#);
    assert!(serde_json::from_str::<Vec<Letter>>("[5]").is_err());
}

#[test]
fn values_and_maps_are_built_from_what_is_at_hand() {
    let map: Map<String> = [("a", "1"), ("b", "2")].into();
    assert_eq!(map.to_json(), r#"{"a":"1","b":"2"}"#);
    assert_eq!(map, Map::from(std::collections::HashMap::from([("b".into(), "2".into()), ("a".into(), "1".into())])));
    let json = Json::from(vec![Json::from(1), Json::from(-2.0), Json::from(true), Json::from("x\"é"), Json::from(None::<i64>)]);
    assert_eq!(json.as_str(), r#"[1,-2.0,true,"x\"é",null]"#);
    assert_eq!(json.decode::<(i64, f64, bool, String, ())>().unwrap().3, "x\"é");
    assert!(json.decode::<String>().is_err());
    assert_eq!(Json::from(serde_json::json!({"b": 1, "a": [1.5]})).as_str(), r#"{"b":1,"a":[1.5]}"#);
    assert_eq!(Out::from_value(serde_json::json!({"i": 3})).unwrap().i, 3);
}

#[test]
fn whole_documents_decode_into_their_arms() {
    let chunk: ChatChunk = same(
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","service_tier":null,"system_fingerprint":"fp",
            "choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
    );
    assert_eq!(chunk.choices[0].delta, Delta { content: Some("Hello".into()), ..Delta::default() });
    assert_eq!(departures::<ChatChunk>(&chunk.to_json()), [""; 0]);

    let event: StreamEvent = same(
        r#"{"type":"response.completed","sequence_number":3,"response":{"id":"r","object":"response","created_at":1,"status":"completed",
            "error":null,"incomplete_details":null,"instructions":"Be brief.","model":"m","output":[{"id":"m","type":"message",
            "role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hi","annotations":[]}]}],
            "parallel_tool_calls":true,"temperature":1,"tools":[],"metadata":{"a":"b"},"text":{"format":{"type":"text"}}}}"#,
    );
    let StreamEvent::Completed(completed) = event else { panic!("another arm") };
    let Response { output, created_at, .. } = completed.response;
    assert!(matches!(output[..], [OutputItem::Message(_)]) && created_at == 1.0);

    let page: FileList = same(r#"{"object":"list","data":[{"id":"x"},1,null,{"object":"file","bytes":5}],"has_more":true}"#);
    assert_eq!(page.data[3], FileObject { bytes: 5, ..FileObject::default() });
}

#[test]
fn values_are_built_and_shared_freely() {
    fn check<T: Send + Sync + Clone + Default + 'static>() {}
    check::<Response>();
    check::<Extra>();
    check::<Json>();
    let square = Shape::Square(Square { side: 1.5, ..Square::default() });
    assert_eq!((square.to_json(), square.to_value()), (r#"{"side":1.5}"#.into(), serde_json::json!({"side": 1.5})));
    assert_eq!(format!("{:?}", Box3::default().extra), "{}");
    let mut w = Writer::new();
    square.encode(&mut w);
    assert_eq!(w.finish().unwrap().json, r#"{"side":1.5}"#);
}
