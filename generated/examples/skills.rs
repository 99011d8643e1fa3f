//! A skill: a folder with instructions that a model reads when it needs them. Uploaded, given a second version, used in a response, downloaded.
//!
//! `cargo run --example skills`

use openai::types::containers::SkillReferenceParam;
use openai::types::responses::{ContainerAutoParam, FunctionShellToolParam, ResponseCreateParams};
use openai::types::skills::{SkillCreateParams, SkillVersionCreateParams};
use openai::{Client, Upload};

const INSTRUCTIONS: &str =
    "---\nname: haiku\ndescription: Writes haiku about the weather.\n---\nThree lines of five, seven and five syllables.\n";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;

    // The folder is told by the names of its files.
    let files = vec![Upload::bytes("haiku/SKILL.md", INSTRUCTIONS), Upload::bytes("haiku/words.txt", "mist\nfrost\nthaw\n")];
    let skill = client.skills().create(SkillCreateParams::new().files(files)).await?;
    println!("{} {}: {}", skill.id, skill.name, skill.description);

    let files = vec![Upload::bytes("haiku/SKILL.md", format!("{INSTRUCTIONS}Never name the season.\n"))];
    let version = client.skills().versions().create(&skill.id, SkillVersionCreateParams::new().files(files).default_(true)).await?;
    println!("version {}", version.version);

    let shell = FunctionShellToolParam::new().environment(ContainerAutoParam::new().skills([SkillReferenceParam::new(&skill.id)]));
    let params = ResponseCreateParams::new().model("gpt-5.2").input("A haiku about today, please.").tools([shell]);
    println!("{}", client.responses().create(params).await?.output_text());

    let path = std::env::temp_dir().join("openai-example-skill.zip");
    let bytes = client.skills().content().retrieve(&skill.id).await?.write_to_file(&path).await?;
    println!("{bytes} bytes downloaded");
    client.skills().delete(&skill.id).await?;
    Ok(())
}
