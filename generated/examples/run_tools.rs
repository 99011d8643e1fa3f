//! Functions that a model may call: it asks for them, they run, it goes on, until it has an answer; at once, then as it happens.
//!
//! `cargo run --example run_tools`

use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};
use openai::types::responses::ResponseCreateParams;
use openai::{Client, ToolErrors, ToolEvent, Tools};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Current weather of a city.
#[derive(Deserialize, JsonSchema)]
struct GetWeather {
    city: String,
}

/// Turns degrees Celsius into degrees Fahrenheit.
#[derive(Deserialize, JsonSchema)]
struct ToFahrenheit {
    celsius: f64,
}

fn tools() -> Tools {
    Tools::new()
        .function(|GetWeather { city }| async move {
            match city.as_str() {
                "Paris" | "London" => Ok(json!({ "city": city, "celsius": 21 })),
                _ => Err(format!("there is no weather station in {city}").into()),
            }
        })
        .function(|ToFahrenheit { celsius }| async move { Ok(celsius * 1.8 + 32.0) })
        .max_rounds(5)
        .errors(ToolErrors::ToModel)
}

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;

    let params = ChatCompletionCreateParams::new("gpt-5.2", [ChatMessage::user("Weather in Paris?")]);
    let answer = client.chat().completions().run_tools(params, tools()).await?;
    println!("{}", answer.choices[0].message.content.as_deref().unwrap_or_default());
    println!("{} messages, {} rounds", answer.conversation.messages().len(), answer.rounds);

    let params = ResponseCreateParams::new().model("gpt-5.2").input("Weather in Paris and in London, in Fahrenheit?");
    let mut run = client.responses().run_tools_stream(params, tools());
    while let Some(event) = run.try_next().await? {
        match event {
            ToolEvent::Called(call) => println!("{}({})", call.name, call.arguments),
            ToolEvent::Done(call, output) => println!("{} returned {output}", call.name),
            _ => {}
        }
    }
    println!("{}", run.finish().await?.output_text());
    Ok(())
}
