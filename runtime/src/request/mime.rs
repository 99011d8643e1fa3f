//! Content types by file extension: a fixed table, so that the same name gives the same type on every machine. Pure.

/// The content type for a file name; what is not in the table is `application/octet-stream`.
pub(crate) fn guess(name: &str) -> &'static str {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let Some((stem, extension)) = base.rsplit_once('.') else { return OTHER };
    if stem.is_empty() {
        return OTHER;
    }
    let extension = extension.to_ascii_lowercase();
    TYPES.binary_search_by_key(&extension.as_str(), |(known, _)| known).map_or(OTHER, |at| TYPES[at].1)
}

const OTHER: &str = "application/octet-stream";

/// Sorted by extension.
const TYPES: &[(&str, &str)] = &[
    ("3gp", "audio/3gpp"),
    ("3gpp", "audio/3gpp"),
    ("aac", "audio/aac"),
    ("aif", "audio/x-aiff"),
    ("aiff", "audio/x-aiff"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("bat", "text/plain"),
    ("bmp", "image/bmp"),
    ("c", "text/plain"),
    ("cpp", "text/x-c++src"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("eml", "message/rfc822"),
    ("epub", "application/epub+zip"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("h", "text/plain"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ico", "image/vnd.microsoft.icon"),
    ("java", "text/x-java"),
    ("jpe", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("latex", "application/x-latex"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/x-m4v"),
    ("markdown", "text/markdown"),
    ("md", "text/markdown"),
    ("mid", "audio/midi"),
    ("midi", "audio/midi"),
    ("mjs", "text/javascript"),
    ("mkv", "video/x-matroska"),
    ("mov", "video/quicktime"),
    ("mp2", "audio/mpeg"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("mpga", "audio/mpeg"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("php", "application/x-httpd-php"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("ps", "application/postscript"),
    ("py", "text/x-python"),
    ("rb", "text/x-ruby"),
    ("rtf", "application/rtf"),
    ("sh", "application/x-sh"),
    ("srt", "application/x-subrip"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tex", "application/x-tex"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("ts", "text/typescript"),
    ("tsv", "text/tab-separated-values"),
    ("txt", "text/plain"),
    ("vtt", "text/vtt"),
    ("wasm", "application/wasm"),
    ("wav", "audio/x-wav"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "text/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zip", "application/zip"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expect: &str) {
        assert_eq!(guess(name), expect, "{name}");
    }

    #[test]
    fn the_extension_decides() {
        check("a.mp3", "audio/mpeg");
        check("dir.d/A.PNG", "image/png");
        check("a/SKILL.md", "text/markdown");
        check("a.jsonl", OTHER);
        check("README", OTHER);
        check(".json", OTHER);
        check("upload", OTHER);
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(TYPES.is_sorted_by_key(|(extension, _)| extension));
    }
}
