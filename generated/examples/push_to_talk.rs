//! Push to talk: Enter begins a question, Enter ends it, and the answer is heard.
//!
//! `cargo run --example push_to_talk`. Sound comes from and goes to programs of the system, as raw 16-bit PCM at 24 kHz: those of ALSA unless
//! RECORD and PLAY name others.

use std::process::Stdio;

use openai::Client;
use openai::connections::realtime::RealtimeConnection;
use openai::types::realtime::{RealtimeConnectParams, RealtimeServerEvent};
use openai::websocket::Reconnect;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

const RECORD: &str = "arecord -q -t raw -f S16_LE -r 24000 -c 1";
const PLAY: &str = "aplay -q -t raw -f S16_LE -r 24000 -c 1";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let connect = client.realtime().connect(RealtimeConnectParams::new().model("gpt-realtime-2"));
    let mut connection = connect.reconnect(Reconnect::new().repeat_configuration()).await?;
    // The server does not listen for the end of a sentence: Enter says it.
    connection.send_raw(r#"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}"#).await?;
    let mut keys = BufReader::new(tokio::io::stdin()).lines();
    loop {
        println!("Enter to speak, Ctrl+D to end");
        if keys.next_line().await?.is_none() {
            connection.close().await;
            return Ok(());
        }
        let mut recorder = program("RECORD", RECORD)?.stdout(Stdio::piped()).spawn()?;
        let sound = recorder.stdout.take().ok_or("the recorder has no output")?;
        println!("Speak, then press Enter");
        let speaking = ask(&connection, sound);
        let listening_for_enter = async {
            keys.next_line().await?;
            // With the recorder ends its output, and with that the question.
            recorder.kill().await
        };
        let (spoken, stopped) = tokio::join!(speaking, listening_for_enter);
        spoken?;
        stopped?;
        connection.input_audio_buffer().commit().await?;
        connection.response().create().await?;
        let mut player = program("PLAY", PLAY)?.stdin(Stdio::piped()).spawn()?;
        let speaker = player.stdin.take().ok_or("the player has no input")?;
        println!("{}", listen(&mut connection, speaker).await?);
        end(player).await?;
    }
}

/// A command from the environment, or the usual one.
fn program(variable: &str, usual: &str) -> Result<Command, &'static str> {
    let line = std::env::var(variable).unwrap_or_else(|_| usual.to_owned());
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().ok_or("an empty command")?);
    command.args(words).kill_on_drop(true);
    Ok(command)
}

async fn end(mut player: Child) -> std::io::Result<()> {
    player.wait().await.map(drop)
}

/// Sends sound for as long as there is any.
pub(crate) async fn ask(connection: &RealtimeConnection, sound: impl AsyncRead + Unpin) -> openai::Result<()> {
    connection.input_audio_buffer().append_from(sound).await.map(drop)
}

/// Plays an answer, and returns what was said.
pub(crate) async fn listen(
    connection: &mut RealtimeConnection,
    mut speaker: impl AsyncWrite + Unpin,
) -> Result<String, Box<dyn std::error::Error>> {
    let mut words = String::new();
    while let Some(event) = connection.try_next().await? {
        match event {
            RealtimeServerEvent::ResponseOutputAudioDelta(delta) => speaker.write_all(&delta.audio()?).await?,
            RealtimeServerEvent::ResponseOutputAudioTranscriptDelta(delta) => words.push_str(&delta.delta),
            RealtimeServerEvent::ResponseDone(_) => break,
            RealtimeServerEvent::Error(_) => return Err(openai::Error::of_event(&event).ok_or("an error without words")?.into()),
            _ => {}
        }
    }
    speaker.shutdown().await?;
    Ok(words)
}
