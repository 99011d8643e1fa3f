//! Azure: where calls go, and which one credential they carry.

use openai::testing::{Answer, ScriptedTransport};
use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};
use openai::types::images::ImageEditParams;
use openai::{Azure, Client, ClientBuilder, Error, Result, Upload};

type Builder = ClientBuilder<Client, Azure>;

fn builder(transport: &ScriptedTransport) -> Builder {
    Client::azure().env(|_| None).transport(transport.clone()).time(transport.clock().clone())
}

fn ok() -> ScriptedTransport {
    ScriptedTransport::new([Answer::json(200, "{}")])
}

/// The address of a call, without the scheme.
#[track_caller]
fn check(configure: impl FnOnce(Builder) -> Builder, call: impl AsyncFnOnce(Client) -> Result<()>, expect: &str) {
    let transport = ok();
    let client = configure(builder(&transport).api_key("k")).build().unwrap();
    crate::world::run(async || call(client).await).unwrap();
    assert_eq!(transport.requests()[0].url.strip_prefix("https://"), Some(expect));
}

async fn chat(client: Client) -> Result<()> {
    client.chat().completions().create(ChatCompletionCreateParams::new("m", [ChatMessage::user("x")])).await.map(drop)
}

async fn models(client: Client) -> Result<()> {
    client.models().list().await.map(drop)
}

fn plain(builder: Builder) -> Builder {
    builder.endpoint("https://r.example").api_version("v")
}

#[test]
fn a_call_goes_to_the_deployment_that_its_path_asks_for() {
    check(plain, chat, "r.example/openai/deployments/m/chat/completions?api-version=v");
    check(plain, models, "r.example/openai/models?api-version=v");
    check(|b| plain(b).deployment("d"), chat, "r.example/openai/deployments/d/chat/completions?api-version=v");
    check(|b| plain(b).deployment("d"), models, "r.example/openai/models?api-version=v");
    let edit = async |client: Client| {
        client.images().edit(ImageEditParams::new([Upload::bytes("a.png", "x")], "p").model("dalle")).await.map(drop)
    };
    check(plain, edit, "r.example/openai/deployments/dalle/images/edits?api-version=v");
    let raw = async |client: Client| client.post("embeddings").json(&serde_json::json!({ "model": "m" })).await.map(drop);
    check(plain, raw, "r.example/openai/deployments/m/embeddings?api-version=v");
    let other = async |client: Client| {
        let params = ChatCompletionCreateParams::new("m", [ChatMessage::user("x")]);
        client.chat().completions().create(params).body_field("model", "n").query("api-version", "w").await.map(drop)
    };
    check(plain, other, "r.example/openai/deployments/n/chat/completions?api-version=w");

    let base = |url: &'static str| move |b: Builder| b.base_url(url).api_version("v");
    check(base("https://r.example/openai"), chat, "r.example/openai/deployments/m/chat/completions?api-version=v");
    check(base("https://r.example/openai/deployments/d"), chat, "r.example/openai/deployments/d/chat/completions?api-version=v");
    check(base("https://deployments.example/openai"), chat, "deployments.example/openai/deployments/m/chat/completions?api-version=v");
    let both = |b: Builder| b.base_url("https://r.example/openai").deployment("d").api_version("v");
    check(both, chat, "r.example/openai/deployments/d/chat/completions?api-version=v");
}

#[test]
fn an_endpoint_is_understood_however_it_is_written() {
    for endpoint in
        ["https://r.example", "https://r.example/", "https://r.example//", "https://r.example/openai", "https://r.example/openai/"]
    {
        check(|b| b.endpoint(endpoint).api_version("v"), models, "r.example/openai/models?api-version=v");
    }
    check(|b| b.endpoint("https://r.example/team").api_version("v"), models, "r.example/team/openai/models?api-version=v");
    check(|b| b.endpoint("https://r.example?x=1").api_version("v"), models, "r.example/openai/models?x=1&api-version=v");
}

#[test]
fn the_v1_surface_has_no_deployments_and_needs_no_version() {
    check(|b| b.endpoint("https://r.example/openai/v1"), chat, "r.example/openai/v1/chat/completions");
    check(
        |b| b.endpoint("https://r.example/openai/v1/").api_version("preview"),
        chat,
        "r.example/openai/v1/chat/completions?api-version=preview",
    );
    check(|b| b.base_url("https://r.example/openai/v1"), models, "r.example/openai/v1/models");
}

#[test]
fn a_deployment_is_one_segment() {
    check(|b| plain(b).deployment("a/b ?"), chat, "r.example/openai/deployments/a%2Fb%20%3F/chat/completions?api-version=v");
    for name in ["", ".", ".."] {
        assert!(plain(builder(&ok()).api_key("k")).deployment(name).build().unwrap_err().is_argument());
    }
    let transport = ok();
    let client = plain(builder(&transport).api_key("k")).build().unwrap();
    let params = ChatCompletionCreateParams::new("..", [ChatMessage::user("x")]);
    let error = crate::world::run(async || client.chat().completions().create(params).await.unwrap_err());
    assert!(error.is_argument() && transport.requests().is_empty(), "{error}");
}

#[test]
fn a_client_made_from_another_goes_to_the_same_places() {
    let transport = ok();
    let client = plain(builder(&transport).token("t").deployment("d")).default_query("x", "1").build().unwrap();
    let other = client.with_options(|o| o.max_retries(0).clear_default_query().api_key("k2"));
    crate::world::run(async || {
        chat(other.clone()).await.unwrap();
        models(other).await.unwrap();
        models(client).await.unwrap();
    });
    let requests = transport.requests();
    assert_eq!(requests[0].url, "https://r.example/openai/deployments/d/chat/completions?api-version=v");
    assert_eq!(requests[1].url, "https://r.example/openai/models?api-version=v");
    assert_eq!(requests[2].url, "https://r.example/openai/models?x=1&api-version=v");
    let credentials = |index: usize| (requests[index].header("api-key"), requests[index].header("authorization"));
    assert_eq!((credentials(1), credentials(2)), (("k2", ""), ("", "Bearer t")));
}

/// The credentials that are sent: `api-key`, `authorization`.
#[track_caller]
fn check_credential(configure: impl FnOnce(Builder) -> Builder, header: Option<(&str, &str)>, expect: [&str; 2]) {
    let transport = ok();
    let client = configure(plain(builder(&transport))).build().unwrap();
    crate::world::run(async || {
        let call = client.models().list();
        match header {
            Some((name, value)) => call.header(name, value).await,
            None => call.await,
        }
    })
    .unwrap();
    let request = &transport.requests()[0];
    assert_eq!(["api-key", "authorization"].map(|name| request.header(name)), expect);
    assert_eq!(
        ["api-key", "authorization"].map(|name| request.headers.get_all(name).iter().count()),
        expect.map(|value| value.len().min(1))
    );
}

#[test]
fn one_credential_is_sent_and_never_two() {
    check_credential(|b| b.api_key("k"), None, ["k", ""]);
    check_credential(|b| b.token("t"), None, ["", "Bearer t"]);
    check_credential(|b| b.api_key_provider(|| async { Ok("k2".to_owned()) }), None, ["k2", ""]);
    check_credential(|b| b.token_provider(|| async { Ok("t2".to_owned()) }), None, ["", "Bearer t2"]);
    check_credential(|b| b.api_key("k"), Some(("Authorization", "Bearer mine")), ["", "Bearer mine"]);
    check_credential(|b| b.api_key("k"), Some(("API-KEY", "mine")), ["mine", ""]);
    check_credential(|b| b.token("t"), Some(("api-key", "mine")), ["mine", ""]);
    check_credential(|b| b.api_key("k").default_header("authorization", "Bearer d"), None, ["", "Bearer d"]);
    let variable = |wanted: &'static [(&'static str, &'static str)]| {
        move |b: Builder| b.env(move |name| wanted.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    };
    let both: &[_] = &[("AZURE_OPENAI_AD_TOKEN", "et"), ("AZURE_OPENAI_API_KEY", "ek"), ("OPENAI_API_KEY", "sk")];
    check_credential(variable(both), None, ["", "Bearer et"]);
    check_credential(variable(&both[1..]), None, ["ek", ""]);
    check_credential(|b| variable(both)(b).api_key("k"), None, ["k", ""]);
}

#[test]
fn what_is_missing_or_given_twice_is_named() {
    let refused = |configure: &dyn Fn(Builder) -> Builder| -> Error { configure(builder(&ok())).build().unwrap_err() };
    for (configure, words) in [
        (&(|b: Builder| b) as &dyn Fn(Builder) -> Builder, "AZURE_OPENAI_ENDPOINT"),
        (&|b| b.endpoint("https://r.example"), "OPENAI_API_VERSION"),
        (&plain, "AZURE_OPENAI_API_KEY"),
        (&|b| plain(b).env(|name| (name == "OPENAI_API_KEY").then(|| "sk".to_owned())), "AZURE_OPENAI_API_KEY"),
        (&|b| plain(b).api_key(""), "AZURE_OPENAI_API_KEY"),
        (&|b| plain(b).api_key("k").token("t"), "exclude each other"),
        (&|b| plain(b).base_url("https://r.example").api_key("k"), "exclude each other"),
        (&|b| b.base_url("https://r.example/deployments/d").deployment("e").api_version("v").api_key("k"), "both name a deployment"),
    ] {
        let error = refused(configure);
        assert!(error.is_argument() && error.message().contains(words), "{error}");
    }
}

#[test]
fn a_token_is_asked_for_before_every_attempt_and_an_empty_one_is_not_sent() {
    let transport = ScriptedTransport::new([Answer::json(500, "{}"), Answer::json(200, "{}")]);
    let count = std::sync::atomic::AtomicUsize::new(0);
    let next = move || {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move { Ok(if number < 2 { format!("t{number}") } else { String::new() }) }
    };
    let client = plain(builder(&transport)).token_provider(next).build().unwrap();
    crate::world::run(async || {
        models(client.clone()).await.unwrap();
        assert!(models(client).await.unwrap_err().is_argument());
    });
    let sent: Vec<_> = transport.requests().iter().map(|request| request.header("authorization").to_owned()).collect();
    assert_eq!(sent, ["Bearer t0", "Bearer t1"]);
}
