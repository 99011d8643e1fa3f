//! Programs that are known otherwise than by an API key of OpenAI's.

use openai_tests::examples;
use openai_tests::server::{Answer, Request, Server};

/// What an example printed, and what it asked, with these variables in its environment; `URL` and `FOLDER` stand for the server and its folder.
#[track_caller]
fn run(name: &str, variables: &[(&str, &str)], answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> (String, Vec<Request>) {
    let server = Server::start(answer).expect("a free port");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("token"), "subject\n").expect("a token");
    let mut command = examples::command(name);
    command.env_clear().current_dir(folder.path());
    for (name, value) in variables {
        let value = value.replace("URL", &format!("http://{}", server.address())).replace("FOLDER", &folder.path().to_string_lossy());
        command.env(name, value);
    }
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    (String::from_utf8_lossy(&output.stdout).into_owned(), server.requests())
}

#[test]
fn azure() {
    let variables = [("AZURE_OPENAI_ENDPOINT", "URL"), ("AZURE_OPENAI_API_KEY", "key"), ("ENTRA_TOKEN", "token")];
    let answer = |_: &Request| Answer::json(r#"{"choices":[{"message":{"role":"assistant","content":"Hello."}}]}"#);
    let (printed, requests) = run("azure", &variables, answer);
    assert_eq!(printed, "Hello.\nHello.\n");
    for request in &requests {
        assert_eq!(request.target, "/openai/deployments/my-deployment/chat/completions?api-version=2025-01-01-preview");
    }
    let sent: Vec<_> = requests.iter().map(|request| (request.header("api-key"), request.header("authorization"))).collect();
    assert_eq!(sent, [(Some("key"), None), (None, Some("Bearer token"))]);
}

#[test]
fn bedrock() {
    let variables = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_BEDROCK_BASE_URL", "URL/openai/v1"),
        ("AWS_BEARER_TOKEN_BEDROCK", "token"),
        ("VAULT_KEY_ID", "AKID"),
        ("VAULT_SECRET_KEY", "s3cret"),
        ("VAULT_SESSION_TOKEN", "session"),
    ];
    let (printed, requests) = run("bedrock", &variables, |_| Answer::json(super::MESSAGE));
    assert_eq!(printed, "the answer\nthe answer\n");
    assert!(requests.iter().all(|request| request.target == "/openai/v1/responses"));
    assert_eq!(requests[0].header("authorization"), Some("Bearer token"));
    let signature = requests[1].header("authorization").unwrap_or_default();
    assert!(signature.starts_with("AWS4-HMAC-SHA256 Credential=AKID/") && signature.contains("/eu-west-1/bedrock-mantle/"), "{signature}");
    assert_eq!(requests[1].header("x-amz-security-token"), Some("session"));
    assert!(!format!("{requests:?}").contains("s3cret"));
}

const WORKLOAD: &[(&str, &str)] = &[("TOKEN_FILE", "FOLDER/token"), ("TOKEN_ENDPOINT", "URL/oauth/token"), ("OPENAI_BASE_URL", "URL/v1")];

#[test]
fn workload_identity() {
    let (printed, requests) = run("workload_identity", WORKLOAD, |request| match request.path() {
        "/oauth/token" => Answer::json(r#"{"access_token":"issued","expires_in":60}"#),
        _ => Answer::json(r#"{"data":[{"id":"m"},{"id":"n"}]}"#),
    });
    assert_eq!(printed, "2 models\n");
    assert!(String::from_utf8_lossy(&requests[0].body).contains(r#""subject_token":"subject""#));
    assert_eq!(requests[1].header("authorization"), Some("Bearer issued"));

    let refused = |_: &Request| Answer::json(r#"{"error":"invalid_grant","error_description":"who is that?"}"#).with_status(400);
    let (printed, _) = run("workload_identity", WORKLOAD, refused);
    assert_eq!(printed, "no token: no token for the call: who is that? (status 400) (Some(\"invalid_grant\"))\n");
}
