//! Pictures that come as text in JSON: their bytes, and as files.

use std::path::{Path, PathBuf};

use openai_runtime::{Error, Result, from_base64};

use crate::types::images::{Image, ImageEditCompletedEvent, ImageEditPartialImageEvent, ImageGenCompletedEvent, ImageGenPartialImageEvent};
use crate::types::shared::ImagesResponse;

impl Image {
    /// The picture's bytes, when it came with the answer; None: it is at its [`url`](Self::url).
    ///
    /// # Errors
    /// When what came is no base64.
    #[inline]
    pub fn bytes(&self) -> Result<Option<Vec<u8>>> {
        self.b64_json.as_deref().map(from_base64).transpose()
    }
}

impl ImageGenPartialImageEvent {
    /// The bytes of the picture as far as it is drawn.
    ///
    /// # Errors
    /// When what came is no base64.
    #[inline]
    pub fn bytes(&self) -> Result<Vec<u8>> {
        from_base64(&self.b64_json)
    }
}

impl ImageGenCompletedEvent {
    /// The bytes of the finished picture.
    ///
    /// # Errors
    /// When what came is no base64.
    #[inline]
    pub fn bytes(&self) -> Result<Vec<u8>> {
        from_base64(&self.b64_json)
    }
}

impl ImageEditPartialImageEvent {
    /// The bytes of the picture as far as it is drawn.
    ///
    /// # Errors
    /// When what came is no base64.
    #[inline]
    pub fn bytes(&self) -> Result<Vec<u8>> {
        from_base64(&self.b64_json)
    }
}

impl ImageEditCompletedEvent {
    /// The bytes of the finished picture.
    ///
    /// # Errors
    /// When what came is no base64.
    #[inline]
    pub fn bytes(&self) -> Result<Vec<u8>> {
        from_base64(&self.b64_json)
    }
}

impl ImagesResponse {
    /// Writes the pictures into a folder, which is there: `stem-1.png`, `stem-2.png` and so on, by what they are. Returns their paths. It blocks on the file
    /// system for as long as that takes.
    ///
    /// # Errors
    /// When a picture did not come with the answer, or cannot be written.
    #[inline]
    pub fn write_to_files(&self, folder: impl AsRef<Path>, stem: &str) -> Result<Vec<PathBuf>> {
        let pictures = self.data.iter().flatten().enumerate();
        let written = pictures.map(|(index, image)| {
            let bytes = image.bytes()?.ok_or_else(|| Error::argument("the picture is at a URL and did not come with the answer"))?;
            write(folder.as_ref(), &format!("{stem}-{}", index + 1), &bytes)
        });
        written.collect()
    }
}

/// Writes a picture under a name, with the extension of what it is.
#[inline]
fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let path = folder.join(format!("{name}.{}", extension(bytes)));
    std::fs::write(&path, bytes).map_err(|e| Error::argument(format!("cannot write {}: {e}", path.display())).with_source(e))?;
    Ok(path)
}

/// The extension for a picture, by how it begins.
#[inline]
fn extension(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, 0xff, ..] => "jpg",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        _ => "bin",
    }
}

#[cfg(feature = "responses")]
impl crate::types::responses::Response {
    /// The bytes of the pictures that were drawn while the response was made, in their order.
    ///
    /// # Errors
    /// When what came is no base64.
    #[inline]
    pub fn output_images(&self) -> Result<Vec<Vec<u8>>> {
        let drawn = self.output.iter().filter_map(|item| match item {
            crate::types::responses::ResponseOutputItem::ImageGenerationCall(call) => call.result.as_deref(),
            _ => None,
        });
        drawn.map(from_base64).collect()
    }
}
