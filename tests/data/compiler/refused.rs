//! A program that wants what its features left out, and what is not to be had. Behind `//~` is what the compiler has to say of the line.

use openai::types::batches::BatchListParams;
use openai::types::responses::ResponseCreateParams; //~ feature = "responses"
use openai::{Client, Result};

struct Mine;

fn main() -> Result<()> {
    let client = Client::from_env()?;
    let speech = client.audio().speech(); //~ `client.audio()` needs the feature `audio`
    client.fine_tuning().jobs(); //~ features = ["fine-tuning"]
    let models = client.models().list().blocking()?; //~ `.blocking()` needs the feature `blocking`
    let batch = client.batches().poll("batch").blocking()?; //~ `.blocking()` needs the feature `blocking`
    for batch in client.batches().list(BatchListParams::new()).items().blocking() {} //~ use `.await` instead
    openai::init_logging(); //~ `log` feature
    client.get("/mine").cast::<Mine>(); //~ for a type of your own that serde can read
    Client::builder().api_key_provider("sk-…"); //~ set without a provider
    Client::builder().transport(Mine); //~ is handed to `http_client` instead
    Ok(())
}
