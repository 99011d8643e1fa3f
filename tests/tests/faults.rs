//! Faulty documents, each with what the command says about it: `data/faults/NAME.yaml` (or `.json`), with `NAME.overlay/` where the fault is the
//! overlay's, beside `NAME.expected`. `UPDATE_GOLDEN=1 cargo test -p openai-tests --test faults` writes the expectations; read them before you keep them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use openai_generator::cli::{Command, run_to};
use openai_generator::format::Rustfmt;
use openai_generator::load::MAX_BYTES;

/// Runs the command on a faulty document. It must exit with 1 and write nothing; the answer is what it says.
#[track_caller]
fn complaint(spec: &Path, overlay: &Path) -> String {
    let out = tempfile::tempdir().expect("a temporary folder");
    let command = Command {
        spec: spec.to_path_buf(),
        overlay: overlay.to_path_buf(),
        out: out.path().join("crate"),
        check: false,
        dump: None,
        lenient_overlay: false,
        runtime: None,
        label: None,
        rustfmt: Rustfmt::Skip,
        notes: false,
        mend: String::new(),
    };
    let (mut said, mut complained) = (Vec::new(), Vec::new());
    let code = run_to(&command, &mut said, &mut complained);
    let complained = String::from_utf8(complained).expect("diagnostics are text");
    assert_eq!(code, 1, "{}: exit code; it said:\n{complained}", spec.display());
    assert_eq!(said, b"", "{}: nothing to say but the faults", spec.display());
    assert!(!out.path().join("crate").exists(), "{}: the output folder is untouched", spec.display());
    complained
}

/// The complaint about a document that is made on the spot.
#[track_caller]
fn check(name: &str, content: &[u8], expected: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spec = folder.path().join(name);
    fs::write(&spec, content).expect("writing the document");
    assert_eq!(complaint(&spec, &empty(folder.path())), expected);
}

fn empty(folder: &Path) -> PathBuf {
    let overlay = folder.join("overlay");
    fs::create_dir_all(&overlay).expect("creating the overlay's folder");
    overlay
}

#[test]
fn every_faulty_document_gets_its_diagnostics() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/faults");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let nothing = tempfile::tempdir().expect("a temporary folder");
    let mut documents: Vec<PathBuf> = fs::read_dir(&folder).expect("data/faults").map(|e| e.expect("an entry").path()).collect();
    documents.retain(|p| p.extension().is_some_and(|e| e == "yaml" || e == "json"));
    documents.sort();
    let mut wrong = Vec::new();
    for spec in &documents {
        let overlay = spec.with_extension("overlay");
        let overlay = if overlay.is_dir() { overlay } else { empty(nothing.path()) };
        let found = complaint(spec, &overlay);
        // Two formats of one fault have an expectation each.
        let expected = folder.join(format!("{}.expected", spec.file_name().expect("a name").to_string_lossy()));
        if update {
            fs::write(&expected, &found).expect("writing the expectation");
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        if found != expected {
            wrong.push(format!("{}\nexpected:\n{expected}\nfound:\n{found}", spec.display()));
        }
    }
    assert!(documents.len() >= 30, "{} documents", documents.len());
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), documents.len(), wrong.join("\n"));
}

#[test]
fn a_document_of_200_megabytes_is_refused_unread() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spec = folder.path().join("large.yaml");
    let size = 200 * 1024 * 1024;
    fs::File::create(&spec).and_then(|file| file.set_len(size)).expect("a sparse file");
    let expected = format!(
        "error[load] #: `large.yaml` has {size} bytes; expected at most {MAX_BYTES} bytes\n  hint: split the document, or take out its examples\n1 error; nothing was written\n"
    );
    assert_eq!(complaint(&spec, &empty(folder.path())), expected);
}

const TOO_DEEP: &str =
    "\n  hint: the document is nested deeper than 128 levels; give inner schemas names under components\n1 error; nothing was written\n";

#[test]
fn json_with_500_levels_is_refused() {
    let text = format!("{{\"a\": {}{}}}", "[".repeat(500), "]".repeat(500));
    check(
        "deep.json",
        text.as_bytes(),
        &format!("error[load] # (line 1, column 133): recursion limit exceeded; expected well-formed JSON{TOO_DEEP}"),
    );
}

#[test]
fn yaml_with_500_levels_is_refused() {
    let mut text = Vec::new();
    for depth in 0..500 {
        writeln!(text, "{}a:", " ".repeat(depth)).expect("writing to memory");
    }
    check(
        "deep.yaml",
        &text,
        &format!(
            "error[load] # (line 129, column 129): recursion limit exceeded; expected well-formed YAML that JSON can express too{TOO_DEEP}"
        ),
    );
}

#[test]
fn text_that_is_not_utf8_is_refused_with_its_place() {
    check(
        "latin1.yaml",
        b"openapi: 3.1.0\ninfo: {title: Gem\xfcse, version: '1'}\npaths: {}\n",
        "error[load] # (line 2, column 18): byte 32 is not UTF-8; expected UTF-8 text\n  hint: save the file as UTF-8\n1 error; nothing was written\n",
    );
}

#[test]
fn nothing_but_a_byte_order_mark_is_empty() {
    check(
        "bom.yaml",
        b"\xef\xbb\xbf",
        "error[load] #: the document is empty; expected an OpenAPI 3 document\n1 error; nothing was written\n",
    );
}

#[test]
fn a_folder_is_no_document() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let overlay = empty(folder.path());
    assert_eq!(
        complaint(&overlay, &overlay),
        "error[load] #: `overlay` is a folder; expected a YAML or JSON file\n1 error; nothing was written\n"
    );
}

#[test]
fn an_absent_document_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let found = complaint(&folder.path().join("absent.yaml"), &empty(folder.path()));
    assert!(found.contains("absent.yaml` cannot be read: No such file"), "{found}");
}

#[test]
fn an_absent_overlay_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let found = complaint(&folder.path().join("absent.yaml"), &folder.path().join("absent"));
    assert!(found.starts_with("error[overlay] #: the folder `") && found.contains("absent` cannot be read"), "{found}");
}

#[test]
fn a_chain_of_references_without_end_is_refused() {
    let mut text = b"openapi: 3.1.0\ninfo: {title: Chain, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n".to_vec();
    for index in 0..20_000 {
        writeln!(text, "    S{index}: {{$ref: '#/components/schemas/S{}'}}", index + 1).expect("writing to memory");
    }
    writeln!(text, "    S20000: {{type: string}}").expect("writing to memory");
    check(
        "chain.yaml",
        &text,
        "error[resolve] #/components/schemas/S19872 (line 19878, column 5): a chain of 128 schemas that only refer to the next begins here; expected the schema that is meant\n  hint: refer to the end of the chain\n1 error; nothing was written\n",
    );
}
