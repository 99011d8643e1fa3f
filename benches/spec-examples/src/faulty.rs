//! Examples that are at odds with their own schemas, so that some union finds no arm for what is in them: which, and why. An entry that is not needed any more is
//! reported, as is an example without one.

/// The place of the example (the beginning of its source), and what is wrong with it.
pub const FAULTY: &[(&str, &str)] = &[
    (
        "#/components/schemas/CreateEvalCompletionsRunDataSource/",
        "the example is the request in which the schema's object stands, not the object",
    ),
    (
        "#/components/schemas/CreateEvalResponsesRunDataSource/",
        "the example is the request in which the schema's object stands, not the object",
    ),
    ("#/components/schemas/GraderMulti/", "the schema has one grader, the example a list of them"),
    (
        "#/components/schemas/RealtimeTranscriptionSessionCreateResponseGA/",
        "the example has a name for a format, as in the beta; the schema has an object",
    ),
    (
        "POST /threads/runs x-oaiMeta/examples/1/",
        "the example has a space before each `data:`, which makes no event of it: what is left is data without the event's name",
    ),
    (
        "POST /vector_stores/{vector_store_id}/files/{file_id} ",
        "the example's `chunking_strategy` is an empty object, without the required tag",
    ),
    ("POST /vector_stores/{vector_store_id}/search ", "the example's `filters` is an empty object, without the required tag"),
    (
        "GET /chatkit/threads/{thread_id}/items ",
        "the example's items are called `user_message`; in the schema their names begin with `chatkit.`",
    ),
];

/// Why an example is faulty, if it is known to be.
pub fn reason(source: &str) -> Option<&'static str> {
    FAULTY.iter().find(|(place, _)| source.starts_with(place)).map(|(_, reason)| *reason)
}
