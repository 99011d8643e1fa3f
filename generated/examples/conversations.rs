//! A conversation that the API keeps: responses add to it, and it can be listed, gone on with elsewhere, and deleted.
//!
//! `cargo run --example conversations`

use openai::Client;
use openai::types::conversations::{ConversationCreateParams, ConversationItem, ConversationItemListParams};
use openai::types::responses::{ResponseCreateParams, ResponseInputItem};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let opening = [ResponseInputItem::developer("Answer in one sentence.")];
    let conversation = client.conversations().create(ConversationCreateParams::new().items(opening)).await?;

    for question in ["Name a river in Europe.", "Where does it end?"] {
        // Only what is new is sent.
        let params = ResponseCreateParams::new().model("gpt-5.2").conversation(&*conversation.id).input(question);
        println!("{question} {}", client.responses().create(params).await?.output_text());
    }

    let in_order = ConversationItemListParams::new().order("asc");
    let mut items = client.conversations().items().list(&conversation.id, in_order).items();
    while let Some(item) = items.try_next().await? {
        match item {
            ConversationItem::Message(message) => println!("- {} by {}", message.id, message.role),
            other => println!("- {}", other.tag()),
        }
    }
    client.conversations().delete(&conversation.id).await?;
    Ok(())
}
