//! Files for vector stores: uploaded, attached, and waited for.

use openai_runtime::{Deferred, Error, OnFailure, Poll, Result, Upload, in_parallel};

use crate::resources;
use crate::resources::vector_stores::file_batches::{FileBatches, VECTOR_STORES_FILE_BATCHES_CREATE_AND_POLL};
use crate::resources::vector_stores::files::{Files, VECTOR_STORES_FILES_CREATE_AND_POLL};
use crate::types::files::{FileCreateParams, FileObject};
use crate::types::shared::{VectorStoreFile, VectorStoreFileBatch};
use crate::types::vector_stores::{
    ChunkingStrategyRequestParam, CreateVectorStoreFileRequest, VectorStoreFileAttributes, VectorStoreFileBatchCreateParams,
};

/// What files in vector stores are uploaded for.
const PURPOSE: &str = "assistants";

/// How many files are uploaded at the same time, unless another number is set.
const CONCURRENCY: usize = 5;

/// Parameters of `vector_stores.files.upload` and `vector_stores.files.upload_and_poll`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VectorStoreFileUploadParams {
    /// The file.
    pub file: Upload,
    /// How the text is cut.
    pub chunking_strategy: Option<ChunkingStrategyRequestParam>,
    /// What the file can be found by.
    pub attributes: Option<VectorStoreFileAttributes>,
}

impl VectorStoreFileUploadParams {
    /// With what is required.
    #[inline]
    pub fn new(file: impl Into<Upload>) -> Self {
        Self { file: file.into(), chunking_strategy: None, attributes: None }
    }

    /// Sets [`chunking_strategy`](Self::chunking_strategy).
    #[must_use]
    #[inline]
    pub fn chunking_strategy(mut self, chunking_strategy: impl Into<ChunkingStrategyRequestParam>) -> Self {
        self.chunking_strategy = Some(chunking_strategy.into());
        self
    }

    /// Sets [`attributes`](Self::attributes).
    #[must_use]
    #[inline]
    pub fn attributes(mut self, attributes: impl Into<VectorStoreFileAttributes>) -> Self {
        self.attributes = Some(attributes.into());
        self
    }

    /// What attaches the uploaded file.
    #[inline]
    fn attaching(self, file: &FileObject) -> CreateVectorStoreFileRequest {
        let Self { chunking_strategy, attributes, .. } = self;
        CreateVectorStoreFileRequest { chunking_strategy, attributes, ..CreateVectorStoreFileRequest::new(&file.id) }
    }
}

impl Files {
    /// Uploads a file and attaches it to the vector store. It is being processed then: [`upload_and_poll`](Self::upload_and_poll) waits for that.
    ///
    /// `POST /files`, then `POST /vector_stores/{vector_store_id}/files`
    #[doc(alias = "vector_stores.files.upload")]
    #[inline]
    pub fn upload(&self, vector_store_id: impl Into<String>, params: VectorStoreFileUploadParams) -> Deferred<'static, VectorStoreFile> {
        let (this, vector_store_id) = (self.clone(), vector_store_id.into());
        Deferred::new(&self.client, async move {
            let file = this.sent(&params).await?;
            this.create(vector_store_id, params.attaching(&file)).await
        })
    }

    /// Uploads a file, attaches it to the vector store, and waits until it is processed.
    ///
    /// Intervals, deadlines and progress are options of the [`Poll`].
    ///
    /// `POST /files`, then `POST /vector_stores/{vector_store_id}/files`, then `GET /vector_stores/{vector_store_id}/files/{file_id}`
    #[doc(alias = "vector_stores.files.upload_and_poll")]
    #[inline]
    pub fn upload_and_poll(&self, vector_store_id: impl Into<String>, params: VectorStoreFileUploadParams) -> Poll<VectorStoreFile> {
        let (this, vector_store_id) = (self.clone(), vector_store_id.into());
        let attaching = async move {
            let file = this.sent(&params).await?;
            Ok(this.create(vector_store_id, params.attaching(&file)))
        };
        Poll::after(&self.client, attaching, &VECTOR_STORES_FILES_CREATE_AND_POLL)
    }

    #[inline]
    async fn sent(&self, params: &VectorStoreFileUploadParams) -> Result<FileObject> {
        resources::files::Files::new(&self.client).create(FileCreateParams::new(params.file.clone(), PURPOSE)).await
    }
}

/// Parameters of `vector_stores.file_batches.upload_and_poll`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VectorStoreFileBatchUploadParams {
    /// The files to upload.
    pub files: Vec<Upload>,
    /// How many are uploaded at the same time. Default: 5.
    pub max_concurrency: usize,
    /// The ids of files that were uploaded before, which come first in the batch.
    pub file_ids: Vec<String>,
    /// How the text is cut.
    pub chunking_strategy: Option<ChunkingStrategyRequestParam>,
    /// What the files can be found by.
    pub attributes: Option<VectorStoreFileAttributes>,
}

impl VectorStoreFileBatchUploadParams {
    /// With what is required.
    #[inline]
    pub fn new(files: impl IntoIterator<Item = impl Into<Upload>>) -> Self {
        Self {
            files: files.into_iter().map(Into::into).collect(),
            max_concurrency: CONCURRENCY,
            file_ids: Vec::new(),
            chunking_strategy: None,
            attributes: None,
        }
    }

    /// Sets [`max_concurrency`](Self::max_concurrency).
    #[must_use]
    #[inline]
    pub fn max_concurrency(mut self, most: usize) -> Self {
        self.max_concurrency = most;
        self
    }

    /// Sets [`file_ids`](Self::file_ids).
    #[must_use]
    #[inline]
    pub fn file_ids(mut self, file_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.file_ids = file_ids.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`chunking_strategy`](Self::chunking_strategy).
    #[must_use]
    #[inline]
    pub fn chunking_strategy(mut self, chunking_strategy: impl Into<ChunkingStrategyRequestParam>) -> Self {
        self.chunking_strategy = Some(chunking_strategy.into());
        self
    }

    /// Sets [`attributes`](Self::attributes).
    #[must_use]
    #[inline]
    pub fn attributes(mut self, attributes: impl Into<VectorStoreFileAttributes>) -> Self {
        self.attributes = Some(attributes.into());
        self
    }
}

/// What became of the files that were to be uploaded together, in their order: what the error of a failed upload carries
/// ([`attachment`](Error::attachment)).
#[derive(Clone, Debug)]
pub struct FileUploads(pub Vec<FileUpload>);

/// What became of one file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FileUpload {
    /// It is there, although the batch was not made: use its id, or delete it.
    Uploaded(Box<FileObject>),
    /// It failed, for this reason.
    Failed(String),
    /// It was not begun, or not brought to its end, because of another that failed.
    Dropped,
}

impl FileBatches {
    /// Uploads files, a few at the same time. The outcomes are in the order of the files, and one that fails leaves the others alone.
    ///
    /// `POST /files` for each
    #[inline]
    pub fn upload(&self, params: VectorStoreFileBatchUploadParams) -> Deferred<'static, Vec<Result<FileObject>>> {
        let this = self.clone();
        Deferred::new(&self.client, async move {
            let outcomes = this.sent(params.files, params.max_concurrency, OnFailure::GoOn).await;
            Ok(outcomes.into_iter().flatten().collect())
        })
    }

    /// Uploads files, a few at the same time, makes a batch of them in their order, and waits until all are processed.
    ///
    /// When an upload fails, the others are dropped and no batch is made. The error says what became of each file ([`FileUploads`]).
    ///
    /// Intervals, deadlines and progress are options of the [`Poll`].
    ///
    /// `POST /files` for each, then `POST /vector_stores/{vector_store_id}/file_batches`, then `GET /vector_stores/{vector_store_id}/file_batches/{batch_id}`
    #[doc(alias = "vector_stores.file_batches.upload_and_poll")]
    #[inline]
    pub fn upload_and_poll(
        &self,
        vector_store_id: impl Into<String>,
        params: VectorStoreFileBatchUploadParams,
    ) -> Poll<VectorStoreFileBatch> {
        let (this, vector_store_id) = (self.clone(), vector_store_id.into());
        let creating = async move {
            let VectorStoreFileBatchUploadParams { files, max_concurrency, mut file_ids, chunking_strategy, attributes } = params;
            let outcomes = this.sent(files, max_concurrency, OnFailure::Stop).await;
            file_ids.extend(all_of(outcomes)?.into_iter().map(|file| file.id));
            let batch = VectorStoreFileBatchCreateParams::new().file_ids(file_ids);
            Ok(this.create(vector_store_id, VectorStoreFileBatchCreateParams { chunking_strategy, attributes, ..batch }))
        };
        Poll::after(&self.client, creating, &VECTOR_STORES_FILE_BATCHES_CREATE_AND_POLL)
    }

    #[inline]
    async fn sent(&self, files: Vec<Upload>, most: usize, on_failure: OnFailure) -> Vec<Option<Result<FileObject>>> {
        let resource = resources::files::Files::new(&self.client);
        let calls = files.into_iter().map(move |file| resource.create(FileCreateParams::new(file, PURPOSE)).into_future());
        in_parallel(calls, most, on_failure).await
    }
}

/// All files; or the first failure, with what became of each.
#[inline]
fn all_of(outcomes: Vec<Option<Result<FileObject>>>) -> Result<Vec<FileObject>> {
    let mut files = Vec::with_capacity(outcomes.len());
    let mut reports = Vec::with_capacity(outcomes.len());
    let mut first = None;
    for outcome in outcomes {
        reports.push(match outcome {
            Some(Ok(file)) => {
                files.push(file.clone());
                FileUpload::Uploaded(Box::new(file))
            }
            Some(Err(error)) => {
                let report = FileUpload::Failed(error.to_string());
                first.get_or_insert(error);
                report
            }
            None => FileUpload::Dropped,
        });
    }
    match first {
        None => Ok(files),
        Some(error) => Err(Error::with_attachment(error, FileUploads(reports))),
    }
}
