//! Bedrock as its user sees it, and signatures against those of another implementation.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, Request};
use serde_json::{Value, json};

use super::{AwsCredentials, BedrockEndpoint, Place, check_region, sigv4};
use crate::testing::{Answer, ScriptedTransport};
use crate::transport::RequestBody;
use crate::{Bedrock, Client, ClientBuilder, Error, Upload};

pub(super) fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// `tests/data/sigv4.json` says which implementation signed it, and how to record it anew.
#[test]
fn signatures_are_those_of_botocore() {
    let file: Value = serde_json::from_str(include_str!("../../../tests/data/sigv4.json")).unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(file["now_unix"].as_u64().unwrap());
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 50);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let body = STANDARD.decode(text("body")).unwrap();
        let mut request = Request::new(RequestBody::bytes(body));
        *request.method_mut() = text("method").parse().unwrap();
        *request.uri_mut() = text("url").parse().unwrap();
        for (name, value) in vector["headers"].as_object().unwrap() {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, HeaderValue::from_str(value.as_str().unwrap()).unwrap());
        }
        let mut keys = AwsCredentials::new(text("access_key_id"), text("secret_access_key"));
        if let Some(token) = vector["session_token"].as_str() {
            keys = keys.session_token(token);
        }
        // Twice, as after a failed attempt: what the first left behind is not signed.
        for _ in 0..2 {
            run(sigv4::sign(&mut request, &keys, text("region"), text("service"), now)).unwrap();
            assert_eq!(request.headers()["authorization"], text("authorization"), "{}", text("name"));
        }
        assert_eq!(request.headers().get("x-amz-security-token").map(|value| value.to_str().unwrap()), vector["session_token"].as_str());
        assert!(!format!("{request:?}").contains(text("secret_access_key")));
    }
}

pub(super) fn builder(transport: &ScriptedTransport) -> ClientBuilder<Client, Bedrock> {
    ClientBuilder::bedrock().env(|_| None).transport(transport.clone()).time(transport.clock().clone())
}

pub(super) fn ok() -> ScriptedTransport {
    ScriptedTransport::new([Answer::json(200, "{}")])
}

/// The base URL of a client and what its requests are signed for, or why there is no client.
#[track_caller]
fn check(
    configure: impl FnOnce(ClientBuilder<Client, Bedrock>) -> ClientBuilder<Client, Bedrock>,
    variables: &'static [(&'static str, &'static str)],
    expect: Result<(&str, &str), &str>,
) {
    let transport = ok();
    let lookup = move |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let built = configure(builder(&transport).env(lookup)).build();
    let client = match (built, expect) {
        (Ok(client), Ok(_)) => client,
        (Err(error), Err(words)) => {
            assert!(error.is_argument() && error.message().contains(words), "{error}");
            return;
        }
        (built, expect) => panic!("{built:?}, expected {expect:?}"),
    };
    run(client.get("/models").into_future()).unwrap();
    let (url, signed) = expect.unwrap();
    let request = &transport.requests()[0];
    assert_eq!(client.base_url().trim_end_matches('/'), url);
    let authorization = request.header("authorization");
    assert!(authorization.contains(signed), "{authorization}");
    assert!(!request.headers.contains_key("openai-organization") && !request.headers.contains_key("x-env"));
}

const KEYS: &[(&str, &str)] =
    &[("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "s3cret"), ("OPENAI_ORG_ID", "org"), ("OPENAI_CUSTOM_HEADERS", "X-Env: 1")];
const TOKEN: &[(&str, &str)] =
    &[("AWS_BEARER_TOKEN_BEDROCK", "env-token"), ("AWS_REGION", "eu-central-1"), ("AWS_DEFAULT_REGION", "us-west-2")];

#[test]
fn endpoints_regions_and_credentials_are_found() {
    let mantle = "https://bedrock-mantle.us-east-1.api.aws/openai/v1";
    check(|b| b.region("us-east-1").api_key("t"), &[], Ok((mantle, "Bearer t")));
    check(|b| b.region("us-east-1").access_key("AKID", "s"), &[], Ok((mantle, "/us-east-1/bedrock-mantle/aws4_request")));
    let runtime = |region: &'static str| {
        move |b: ClientBuilder<Client, Bedrock>| b.region(region).endpoint(BedrockEndpoint::Runtime).access_key("AKID", "s")
    };
    for (region, host) in [
        ("us-east-1", "bedrock-runtime.us-east-1.amazonaws.com"),
        ("us-gov-west-1", "bedrock-runtime.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "bedrock-runtime.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", "bedrock-runtime.eusc-de-east-1.amazonaws.eu"),
        ("us-iso-east-1", "bedrock-runtime.us-iso-east-1.c2s.ic.gov"),
        ("us-isob-east-1", "bedrock-runtime.us-isob-east-1.sc2s.sgov.gov"),
        ("eu-isoe-west-1", "bedrock-runtime.eu-isoe-west-1.cloud.adc-e.uk"),
        ("us-isof-south-1", "bedrock-runtime.us-isof-south-1.csp.hci.ic.gov"),
    ] {
        check(runtime(region), &[], Ok((&format!("https://{host}/openai/v1"), &format!("/{region}/bedrock/aws4_request"))));
    }
    let europe = "https://bedrock-mantle.eu-central-1.api.aws/openai/v1";
    check(|b| b, TOKEN, Ok((europe, "Bearer env-token")));
    check(|b| b.access_key("AKID", "s"), TOKEN, Ok((europe, "Credential=AKID/")));
    check(|b| b.api_key("own"), &TOKEN[1..], Ok((europe, "Bearer own")));
    check(|b| b.api_key("t"), &TOKEN[2..], Ok(("https://bedrock-mantle.us-west-2.api.aws/openai/v1", "Bearer t")));
    #[cfg(not(feature = "aws-config"))]
    check(|b| b.region("us-east-1"), KEYS, Ok((mantle, "Credential=AKID/")));
    let fixed = || std::future::ready(Ok(AwsCredentials::new("PROVIDED", "s").session_token("st")));
    check(|b| b.region("us-east-1").credentials_provider(fixed), KEYS, Ok((mantle, "Credential=PROVIDED/")));

    check(|b| b.base_url("https://gw.example/x/").api_key("t"), &[], Ok(("https://gw.example/x", "Bearer t")));
    let pasted = "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1/responses/resp_1";
    let tidy = "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1";
    check(|b| b.base_url(pasted).access_key("AKID", "s"), &[], Ok((tidy, "/us-east-1/bedrock/aws4_request")));
    check(|b| b.api_key("t"), &[("AWS_BEDROCK_BASE_URL", "https://gw.example/y")], Ok(("https://gw.example/y", "Bearer t")));
}

#[test]
fn what_does_not_fit_together_is_refused() {
    check(|b| b.api_key("t"), &[], Err("AWS_REGION"));
    check(|b| b.base_url("https://gw.example").access_key("AKID", "s"), &[], Err("AWS_REGION"));
    check(|b| b.region("us-east-1").api_key("t").access_key("AKID", "s"), &[], Err("exclude each other"));
    check(|b| b.region("us-east-1").session_token("st"), KEYS, Err("access_key"));
    check(|b| b.region("us-east-1").access_key("AKID", ""), &[], Err("may be empty"));
    check(|b| b.region("us-east-1").api_key(" "), &[], Err("empty"));
    check(|b| b.region("nowhere").api_key("t"), &[], Err("no region"));
    #[cfg(not(feature = "aws-config"))]
    check(|b| b.region("us-east-1"), &[], Err("aws-config"));
    let own = "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1";
    check(|b| b.base_url(own).region("eu-west-1").api_key("t"), &[], Err("another region"));
    check(|b| b.base_url(own).endpoint(BedrockEndpoint::Mantle).api_key("t"), &[], Err("another endpoint"));
    check(|b| b.base_url("http://bedrock-mantle.us-east-1.api.aws").api_key("t"), &[], Err("https://"));
}

#[test]
fn regions_and_hosts_are_known_by_their_form() {
    for region in ["us-east-1", "us-gov-west-1", "ap-southeast-12", "eusc-de-east-1"] {
        assert!(check_region(region).is_ok(), "{region}");
    }
    for region in ["", "us", "us-1", "us-east", "US-east-1", "us-east-1a", "toolongname-east-1", "us--1", "us-east-1/x"] {
        assert!(check_region(region).is_err(), "{region}");
    }
    let found = |url: &str| Place::find(Some(url), None, None).unwrap().region;
    assert_eq!(found("https://bedrock-runtime-fips.us-east-1.amazonaws.com").as_deref(), Some("us-east-1"));
    assert_eq!(found("https://bedrock-runtime.cn-north-1.api.amazonwebservices.com.cn").as_deref(), Some("cn-north-1"));
    assert_eq!(found("https://bedrock-runtime.us-east-1.api.aws").as_deref(), Some("us-east-1"));
    for other in [
        "https://bedrock-runtime.us-east-1.amazonaws.com.evil.example",
        "https://bedrock-mantle.us-east-1.amazonaws.com",
        "https://x.us-east-1.api.aws",
    ] {
        assert_eq!(found(other), None, "{other}");
    }
}

#[test]
fn every_attempt_is_signed_anew_with_the_keys_of_the_moment() {
    let transport = ScriptedTransport::new([Answer::json(500, "{}").header("retry-after", "2"), Answer::json(200, "{}")]);
    let count = std::sync::atomic::AtomicUsize::new(0);
    let next = move || {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        std::future::ready(Ok(AwsCredentials::new(format!("AKID{number}"), "s").session_token(format!("st{number}"))))
    };
    let client: Client = builder(&transport).region("us-east-1").credentials_provider(next).build().unwrap();
    run(client.post("/responses").json(&json!({ "model": "m" })).into_future()).unwrap();
    let requests = transport.requests();
    let seen: Vec<_> =
        ["x-amz-date", "x-amz-security-token"].iter().map(|name| [requests[0].header(name), requests[1].header(name)]).collect();
    assert_ne!(seen[0][0], seen[0][1], "the clock moved on with the wait");
    assert_eq!(seen[1], ["st0", "st1"]);
    assert!(requests[1].header("authorization").contains("Credential=AKID1/"));
    assert_eq!(requests[1].headers.get_all("authorization").iter().count(), 1);
}

#[test]
fn bodies_are_signed_however_long_and_refused_when_they_can_be_read_once() {
    let transport = ok();
    let client: Client = builder(&transport).region("us-east-1").access_key("AKID", "s").build().unwrap();
    let told = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let teller = told.clone();
    let send = |upload: Upload| run(client.post("/files").multipart(&json!({ "purpose": "batch" })).file("file", upload).into_future());
    let watched = Upload::seekable("a", std::io::Cursor::new(vec![7u8; 200_000])).unwrap().on_progress(move |sent, _| {
        teller.fetch_max(usize::try_from(sent).unwrap(), std::sync::atomic::Ordering::Relaxed);
    });
    send(watched).unwrap();
    let request = &transport.requests()[0];
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&request.body);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(request.header("x-amz-content-sha256"), digest);
    assert_eq!(told.load(std::sync::atomic::Ordering::Relaxed), 200_000);

    let error = send(Upload::reader("a", std::io::Cursor::new(b"x".to_vec()))).unwrap_err();
    assert!(error.is_argument() && error.message().contains("cannot be signed"), "{error}");
    assert_eq!(transport.requests().len(), 1);
}

#[cfg(feature = "websocket")]
#[test]
fn a_handshake_is_signed_as_a_call_is() {
    use crate::operation::{Operation, Security};
    use crate::websocket::Connect;
    use crate::websocket::tests::Anything;

    static TALK: Operation = Operation { name: "talk", path: "/realtime", security: &[Security::ApiKey], ..Operation::DEFAULT };

    let signed = |client: &Client| run(Connect::<Anything>::new(client, &TALK).signed()).unwrap();
    let client = builder(&ok()).region("us-east-1").api_key("t").build().unwrap();
    let request = signed(&client);
    assert_eq!(request.uri(), "wss://bedrock-mantle.us-east-1.api.aws/openai/v1/realtime");
    assert_eq!(request.headers()["authorization"], "Bearer t");
    let client = builder(&ok()).region("us-east-1").access_key("AKID", "s").session_token("st").build().unwrap();
    let request = signed(&client);
    let signature = request.headers()["authorization"].to_str().unwrap();
    assert!(signature.contains("Credential=AKID/") && signature.contains("/us-east-1/bedrock-mantle/aws4_request"), "{signature}");
    // What a proxy may take away, and what is different for every connection, is not signed.
    let names = signature.split("SignedHeaders=").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
    assert!(names.split(';').all(|name| !name.starts_with("sec-websocket-key") && name != "connection" && name != "upgrade"), "{names}");
    assert_eq!(request.headers()["x-amz-security-token"], "st");
}

#[test]
fn requests_stay_with_bedrock() {
    let transport =
        ScriptedTransport::new([Answer::json(307, "").header("location", "https://bedrock-mantle.us-east-1.api.aws/elsewhere")]);
    type Configure = fn(ClientBuilder<Client, Bedrock>) -> ClientBuilder<Client, Bedrock>;
    let credentials: [Configure; 2] = [|b| b.api_key("s3cret"), |b| b.access_key("AKID", "s3cret").session_token("s3cret")];
    for credential in credentials {
        let client: Client = credential(builder(&transport).region("us-east-1")).build().unwrap();
        let error = |call: crate::RawCall| -> Error { run(call.into_future()).unwrap_err() };
        let before = transport.requests().len();
        assert_eq!(error(client.get("/models")).status().map(|status| status.as_u16()), Some(307));
        assert_eq!(transport.requests().len(), before + 1, "a redirect is not followed");
        for refused in [client.get("https://evil.example/x"), client.get("/models").header("Authorization", "Bearer mine")] {
            assert!(error(refused).is_argument());
        }
        assert_eq!(transport.requests().len(), before + 1);
        assert!(!format!("{client:?}").contains("s3cret"));
    }
}
