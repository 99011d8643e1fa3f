//! The tasks that every client of the API is used for, each as short as it gets.
//!
//! `cargo run --example canonical`

use openai::chat::ChatCompletionStreamEvent::ContentDelta;
use openai::types::chat::{ChatCompletionCreateParams, ChatCompletionStreamOptions, ChatMessage};
use openai::types::fine_tuning::JobListParams;
use openai::types::images::ImageEditParams;
use openai::types::realtime::{Item, RealtimeConnectParams, RealtimeServerEvent, Session};
use openai::types::responses::ResponseCreateParams;
use openai::{Client, Result, Tools, Upload};

/// An appointment.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
struct CalendarEvent {
    name: String,
    date: String,
}

/// Current weather of a city.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct GetWeather {
    city: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let client = Client::from_env()?;

    // 1. A response.
    let params = ResponseCreateParams::new().model("gpt-5.2").input("How do I check a value's type?");
    println!("{}", client.responses().create(params).await?.output_text());

    // 2. A chat.
    let chat = ChatCompletionCreateParams::new("gpt-5.2", [ChatMessage::developer("Talk like a pirate."), ChatMessage::user("Hi!")]);
    let completion = client.chat().completions().create(chat.clone()).await?;
    println!("{}", completion.choices[0].message.content.as_deref().unwrap_or_default());

    // 3. The same as a stream, with what it used in the end.
    let with_usage = chat.stream_options(ChatCompletionStreamOptions::new().include_usage(true));
    let mut stream = client.chat().completions().stream(with_usage).await?;
    while let Some(event) = stream.try_next().await? {
        if let ContentDelta(text) = event {
            print!("{}", text.delta);
        }
    }
    println!(" {:?}", stream.final_completion().await?.usage);

    // 4. Structured output.
    let params = ResponseCreateParams::new().model("gpt-5.2").input("Alice and Bob go to a science fair on Friday.");
    let event: CalendarEvent = client.responses().parse(params).await?.into_output()?;
    println!("{} on {}", event.name, event.date);

    // 5. A tool.
    let tools = Tools::new().function(|GetWeather { city }| async move { Ok(format!("21 °C in {city}")) });
    let params = ChatCompletionCreateParams::new("gpt-5.2", [ChatMessage::user("Weather in Paris?")]);
    let answer = client.chat().completions().run_tools(params, tools).await?;
    println!("{}", answer.choices[0].message.content.as_deref().unwrap_or_default());

    // 6. An image.
    let image = client.images().edit(ImageEditParams::new(Upload::bytes("cat.png", "png"), "a hat")).await?;
    println!("{} images", image.data.map_or(0, |data| data.len()));

    // 7. All of a list.
    let mut jobs = client.fine_tuning().jobs().list(JobListParams::new()).items();
    while let Some(job) = jobs.try_next().await? {
        println!("{}", job.id);
    }

    // 8. Text over a realtime connection.
    let mut connection = client.realtime().connect(RealtimeConnectParams::new().model("gpt-realtime-2")).await?;
    connection.session().update(Session::realtime().output_modalities(["text"])).await?;
    connection.conversation().item().create(Item::user_text("Say hello!")).await?;
    connection.response().create().await?;
    while let Some(event) = connection.try_next().await? {
        match event {
            RealtimeServerEvent::ResponseOutputTextDelta(delta) => print!("{}", delta.delta),
            RealtimeServerEvent::ResponseDone(_) => break,
            _ => {}
        }
    }
    println!();
    Ok(())
}
