//! Webhooks: what was posted, checked with the client's secret, as an event of the API.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use openai_runtime::{Error, Result};
pub use openai_runtime::{WebhookFault, WebhookHeaders, WebhookVerifier, webhook_id};

use crate::Client;
use crate::types::webhooks::WebhookEvent;

/// `client.webhooks()`: checks what is posted to a webhook and turns it into an event. It makes no call.
///
/// The secret is that of the client (`webhook_secret`, or the environment variable `OPENAI_WEBHOOK_SECRET`) unless another is set here. A program that has no
/// client uses a [`WebhookVerifier`].
///
/// ```
/// # fn main() -> openai::Result<()> {
/// # let client = openai::Client::builder().env(|_| None).api_key("k").build()?;
/// # fn answer(_: &str) {}
/// use openai::types::webhooks::WebhookEvent;
///
/// // The body byte for byte as it arrived, and the headers of the request in any form.
/// let handle = |body: &[u8], headers: &[(String, String)]| {
///     match client.webhooks().unwrap(body, headers)? {
///         WebhookEvent::ResponseCompleted(event) => answer(&event.data.id),
///         other => eprintln!("unhandled: {}", other.event_type()),
///     }
///     Ok::<_, openai::Error>(())
/// };
/// # assert!(handle(b"{}", &[]).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Webhooks {
    client: Client,
    secrets: Vec<String>,
    tolerance: Option<Duration>,
}

impl Client {
    /// `client.webhooks()`
    #[inline]
    pub fn webhooks(&self) -> Webhooks {
        let secrets = self.webhook_secret().map(ToOwned::to_owned).into_iter().collect();
        Webhooks { client: self.clone(), secrets, tolerance: None }
    }
}

impl Webhooks {
    /// Checks with this secret instead.
    #[must_use]
    #[inline]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secrets = vec![secret.into()];
        self
    }

    /// Accepts this secret as well: while secrets are rotated, webhooks signed with either of them arrive.
    #[must_use]
    #[inline]
    pub fn or_secret(mut self, secret: impl Into<String>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// How far a webhook's time may be from now, in both directions. Default: five minutes.
    #[must_use]
    #[inline]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    /// Checks that a webhook is genuine. The body is that of the request, byte for byte.
    ///
    /// # Errors
    /// When it is not ([`is_webhook`](Error::is_webhook), [`webhook_fault`](Error::webhook_fault)); an argument error when there is no secret, or one cannot be
    /// used.
    #[doc(alias = "webhooks.verify_signature")]
    #[inline]
    pub fn verify_signature(&self, body: impl AsRef<[u8]>, headers: &(impl WebhookHeaders + ?Sized)) -> Result<()> {
        self.verifier()?.verify_at(body, headers, self.client.time().now())
    }

    /// Checks that a webhook is genuine, and returns its event. One of a type that this version does not know is
    /// [`Unknown`](WebhookEvent::Unknown), as it came.
    ///
    /// The same event may be delivered twice; [`webhook_id`] tells.
    ///
    /// # Errors
    /// Those of [`verify_signature`](Self::verify_signature); and when a genuine body is not JSON.
    #[doc(alias = "webhooks.unwrap")]
    #[inline]
    pub fn unwrap(&self, body: impl AsRef<[u8]>, headers: &(impl WebhookHeaders + ?Sized)) -> Result<WebhookEvent> {
        let body = body.as_ref();
        self.verify_signature(body, headers)?;
        self.client.decode(body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body))
    }

    #[inline]
    fn verifier(&self) -> Result<WebhookVerifier> {
        let Some((first, others)) = self.secrets.split_first() else {
            return Err(Error::argument(
                "no webhook secret: set the environment variable OPENAI_WEBHOOK_SECRET, webhook_secret of the client, or secret here",
            ));
        };
        let verifier = others.iter().try_fold(WebhookVerifier::new(first)?, WebhookVerifier::or_secret)?;
        Ok(match self.tolerance {
            Some(tolerance) => verifier.tolerance(tolerance),
            None => verifier,
        })
    }
}

/// Shows no secret.
impl fmt::Debug for Webhooks {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").field("secrets", &self.secrets.len()).field("tolerance", &self.tolerance).finish_non_exhaustive()
    }
}

impl WebhookEvent {
    /// The event's type, `response.completed` for instance; empty if it has none.
    #[inline]
    pub fn event_type(&self) -> Cow<'_, str> {
        self.tag()
    }
}
