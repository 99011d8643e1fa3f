//! Questions about documents of your own: files go into a vector store, which is searched by hand and by a model that names its sources.
//!
//! `cargo run --example file_search -- notes.md handbook.pdf`

use openai::types::responses::{Annotation, FileSearchTool, ResponseCreateParams};
use openai::types::vector_stores::{VectorStoreCreateParams, VectorStoreSearchParams};
use openai::{Client, Upload, VectorStoreFileBatchUploadParams};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let mut files: Vec<Upload> = std::env::args().skip(1).map(Upload::path).collect();
    if files.is_empty() {
        files = vec![
            Upload::bytes("cats.md", "# Cats\nThe office cat is called Ada. She sleeps until noon."),
            Upload::bytes("doors.md", "# Doors\nThe door code changes every Monday."),
        ];
    }

    let store = client.vector_stores().create(VectorStoreCreateParams::new().name("example")).await?;
    let batch = client.vector_stores().file_batches().upload_and_poll(&store.id, VectorStoreFileBatchUploadParams::new(files)).await?;
    println!("{} files are ready, {} failed", batch.file_counts.completed, batch.file_counts.failed);

    let question = "When does the cat get up?";
    let found = client.vector_stores().search(&store.id, VectorStoreSearchParams::new(question).max_num_results(3)).await?;
    for result in &found.data {
        println!("{:.2} {}", result.score, result.filename);
    }

    let tool = FileSearchTool::new([&store.id]);
    let response = client.responses().create(ResponseCreateParams::new().model("gpt-5.2").input(question).tools([tool])).await?;
    println!("{}", response.output_text());
    for annotation in response.output_text_parts().flat_map(|text| &text.annotations) {
        if let Annotation::FileCitation(source) = annotation {
            println!("source: {}", source.filename);
        }
    }
    client.vector_stores().delete(&store.id).await?;
    Ok(())
}
