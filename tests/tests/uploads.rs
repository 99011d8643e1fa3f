//! Uploads of several steps: large files in parts, files for vector stores. Over a transport that answers by what is asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use openai::testing::{Answer, Recorded, ScriptedTransport};
use openai::{
    Client, FileUpload, FileUploads, JsonModel, Upload, UploadCheckpoint, UploadFileChunkedParams, VectorStoreFileBatchUploadParams,
    VectorStoreFileUploadParams,
};
use openai_tests::corpus::multipart;
use serde_json::{Value, json};

/// The file of a form: its name and its content.
fn file_of(request: &Recorded) -> (String, String) {
    let parts = multipart::parts(request.header("content-type"), &request.body).expect("a form");
    let file = parts.as_array().and_then(|parts| parts.last()).expect("a part").clone();
    (file["filename"].as_str().unwrap_or_default().to_owned(), file["body"].as_str().unwrap_or_default().to_owned())
}

/// A server for uploads in parts; the part with this content is refused as often as it says.
fn uploads(refused: &'static str, times: usize) -> ScriptedTransport {
    let left = AtomicUsize::new(times);
    ScriptedTransport::from_fn(move |request| match request.target().trim_start_matches("/v1/uploads") {
        "" => Answer::ok(&json!({ "id": "up", "status": "pending" })),
        "/up/parts" => {
            let (_, content) = file_of(request);
            if content == refused && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                return Answer::error(400, "bad part");
            }
            Answer::ok(&json!({ "id": format!("id-{content}") }))
        }
        "/up/complete" => Answer::ok(&json!({ "id": "up", "status": "completed", "file": { "id": "file-1" } })),
        "/up/cancel" => Answer::ok(&json!({ "id": "up", "status": "cancelled" })),
        _ => Answer::error(404, "no such path"),
    })
}

fn digits() -> UploadFileChunkedParams {
    UploadFileChunkedParams::new(Upload::bytes("x.txt", "0123456789"), "text/plain", "assistants").part_size(4)
}

fn targets(server: &ScriptedTransport) -> Vec<String> {
    server.requests().iter().map(|request| request.target().trim_start_matches("/v1").to_owned()).collect()
}

fn last_json(server: &ScriptedTransport) -> Value {
    server.requests().last().expect("a request").json()
}

#[test]
fn parts_go_out_together_and_are_put_in_their_order() {
    let server = uploads("", 0);
    let client: Client = server.client();
    let done = client.uploads().upload_file_chunked(digits()).checksum().blocking().unwrap();
    assert_eq!(done.file.unwrap().id, "file-1");
    assert_eq!(
        server.requests()[0].json(),
        json!({ "filename": "x.txt", "purpose": "assistants", "bytes": 10, "mime_type": "text/plain" })
    );
    let complete = json!({ "part_ids": ["id-0123", "id-4567", "id-89"], "md5": "781e5e245d69b566979b86e28d23f2c7" });
    assert_eq!(last_json(&server), complete);
    assert_eq!(targets(&server).iter().filter(|target| *target == "/uploads/up/parts").count(), 3);
}

#[test]
fn the_number_of_bytes_is_that_of_the_file() {
    let server = uploads("", 0);
    let client: Client = server.client();
    let file = Upload::bytes("x.bin", "abc").length(99);
    client.uploads().upload_file_chunked(UploadFileChunkedParams::new(file, "a/b", "assistants")).blocking().unwrap();
    assert_eq!(server.requests()[0].json()["bytes"], 3);
    let unnamed = UploadFileChunkedParams::new(Upload::unnamed("abc"), "a/b", "assistants");
    assert!(client.uploads().upload_file_chunked(unnamed).blocking().unwrap_err().message().contains("filename"));
}

#[test]
fn an_upload_that_broke_off_goes_on_where_it_was() {
    let server = uploads("4567", 1);
    let client: Client = server.client();
    let error = client.uploads().upload_file_chunked(digits()).concurrency(1).blocking().unwrap_err();
    assert!(error.is_bad_request());
    let checkpoint = error.attachment::<UploadCheckpoint>().unwrap();
    assert_eq!(checkpoint.to_value(), json!({ "upload_id": "up", "bytes": 10, "part_size": 4, "parts": { "0": "id-0123" } }));
    let kept = UploadCheckpoint::from_json(&checkpoint.to_json()).unwrap();
    assert_eq!(kept, *checkpoint);

    let before = server.requests().len();
    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = told.clone();
    let upload = client.uploads().upload_file_chunked(digits().part_size(1)).resume(kept.clone());
    upload.on_progress(move |sent, total| teller.lock().unwrap().push((sent, total))).blocking().unwrap();
    let again: Vec<String> = targets(&server).split_off(before);
    assert_eq!(again, ["/uploads/up/parts", "/uploads/up/parts", "/uploads/up/complete"], "no second upload, and no part twice");
    assert_eq!(last_json(&server), json!({ "part_ids": ["id-0123", "id-4567", "id-89"] }));
    assert_eq!(told.lock().unwrap().last(), Some(&(10, 10)));

    let other = UploadFileChunkedParams::new(Upload::bytes("x.txt", "012"), "text/plain", "assistants");
    let error = client.uploads().upload_file_chunked(other).resume(kept).blocking().unwrap_err();
    assert!(error.is_argument() && error.message().contains("10"), "{error}");
}

#[test]
fn an_upload_is_cancelled_only_if_that_is_wanted() {
    for (wanted, last) in [(false, "/uploads/up/parts"), (true, "/uploads/up/cancel")] {
        let server = uploads("4567", 9);
        let client: Client = server.client();
        let upload = client.uploads().upload_file_chunked(digits()).concurrency(1);
        let upload = if wanted { upload.cancel_on_error() } else { upload };
        assert!(upload.blocking().unwrap_err().is_bad_request());
        assert_eq!(targets(&server).last().unwrap(), last);
    }
}

#[test]
fn a_part_is_tried_again_like_any_call() {
    let tries = AtomicUsize::new(0);
    let server = ScriptedTransport::from_fn(move |request| match request.target() {
        "/v1/uploads/up/parts" if tries.fetch_add(1, Ordering::Relaxed) == 0 => Answer::error(500, "oops"),
        "/v1/uploads/up/parts" => Answer::ok(&json!({ "id": format!("id-{}", file_of(request).1) })),
        _ => Answer::ok(&json!({ "id": "up" })),
    });
    let client: Client = server.client();
    client.uploads().upload_file_chunked(digits()).blocking().unwrap();
    assert_eq!(last_json(&server)["part_ids"], json!(["id-0123", "id-4567", "id-89"]));
}

/// A server for files and their batches. Files called `bad` are refused.
fn stores() -> ScriptedTransport {
    ScriptedTransport::from_fn(|request| match request.target().trim_start_matches("/v1") {
        "/files" => match file_of(request).0.as_str() {
            "bad" => Answer::error(400, "bad file"),
            name => Answer::ok(&json!({ "id": format!("file-{name}") })),
        },
        "/vector_stores/vs/files" => Answer::ok(&json!({ "id": "file-a", "status": "in_progress" })),
        "/vector_stores/vs/file_batches" => Answer::ok(&json!({ "id": "b1", "status": "in_progress" })),
        _ => Answer::ok(&json!({ "id": "x", "status": "completed", "file_counts": { "in_progress": 0 } })),
    })
}

fn batch(names: &[&str]) -> VectorStoreFileBatchUploadParams {
    VectorStoreFileBatchUploadParams::new(names.iter().map(|name| Upload::bytes(*name, "text")))
}

#[test]
fn a_batch_has_its_files_in_the_order_of_the_input() {
    let server = stores();
    let client: Client = server.client();
    let params = batch(&["a", "b", "c"]).file_ids(["f0"]).max_concurrency(2);
    let done = client.vector_stores().file_batches().upload_and_poll("vs", params).blocking().unwrap();
    assert_eq!(done.status.to_string(), "completed");
    let requests = server.requests();
    assert_eq!(requests[3].json(), json!({ "file_ids": ["f0", "file-a", "file-b", "file-c"] }));
    assert_eq!((requests[4].target(), requests.len()), ("/v1/vector_stores/vs/file_batches/b1", 5));
}

#[test]
fn when_a_file_fails_no_batch_is_made_and_each_file_is_accounted_for() {
    let server = stores();
    let client: Client = server.client();
    let params = batch(&["a", "bad", "c", "d"]).max_concurrency(1);
    let error = client.vector_stores().file_batches().upload_and_poll("vs", params).blocking().unwrap_err();
    assert!(error.is_bad_request() && error.message() == "bad file");
    let FileUploads(files) = error.attachment().unwrap();
    assert!(matches!(&files[0], FileUpload::Uploaded(file) if file.id == "file-a"), "{files:?}");
    assert!(matches!(&files[1], FileUpload::Failed(why) if why.contains("bad file")), "{files:?}");
    assert!(matches!(files[2..], [FileUpload::Dropped, FileUpload::Dropped]), "{files:?}");
    assert_eq!(targets(&server), ["/files", "/files"]);
}

#[test]
fn files_can_be_uploaded_without_one_another() {
    let server = stores();
    let client: Client = server.client();
    let outcomes = client.vector_stores().file_batches().upload(batch(&["a", "bad", "c"])).blocking().unwrap();
    let outcomes: Vec<Result<&str, bool>> =
        outcomes.iter().map(|outcome| outcome.as_ref().map(|file| file.id.as_str()).map_err(|error| error.is_bad_request())).collect();
    assert_eq!(outcomes, [Ok("file-a"), Err(true), Ok("file-c")]);
}

#[test]
fn a_file_is_attached_with_what_it_can_be_found_by() {
    let server = stores();
    let client: Client = server.client();
    let attributes = openai::types::vector_stores::VectorStoreFileAttributes::from_value(json!({ "k": "v" })).unwrap();
    let params = VectorStoreFileUploadParams::new(Upload::bytes("a", "text")).attributes(attributes);
    let file = client.vector_stores().files().upload("vs", params.clone()).blocking().unwrap();
    assert_eq!((file.status.to_string().as_str(), targets(&server).len()), ("in_progress", 2));
    assert_eq!(last_json(&server), json!({ "file_id": "file-a", "attributes": { "k": "v" } }));
    let file = client.vector_stores().files().upload_and_poll("vs", params).blocking().unwrap();
    assert_eq!(file.status.to_string(), "completed");
    assert_eq!(targets(&server).last().unwrap(), "/vector_stores/vs/files/file-a");
}
