//! What stands in the place of `.blocking()` when its feature is off: methods that cannot be called, because a bound of them never holds, so that the
//! compiler names the feature instead of a missing method. (Written out, because what a macro writes is shown with the macro.)

use crate::json::Decode;
use crate::page::{Items, Paged, Pages};
use crate::{Call, Deferred, EventStream, Poll};

/// Does not implement the trait below.
#[derive(Debug)]
pub struct Off;

/// What `.blocking()` takes.
#[diagnostic::on_unimplemented(
    message = "`.blocking()` needs the feature `blocking` of the crate `openai`",
    label = "the feature `blocking` is off",
    note = "inside an async runtime, use `.await` instead; outside of one, turn the feature on in Cargo.toml"
)]
pub trait Blocks {}

impl<T> Call<T> {
    #[doc(hidden)]
    pub fn blocking<Output>(self) -> Output
    where
        for<'off> Off: Blocks,
    {
        unreachable!("nothing implements the trait")
    }
}

impl<T> Poll<T> {
    #[doc(hidden)]
    pub fn blocking<Output>(self) -> Output
    where
        for<'off> Off: Blocks,
    {
        unreachable!("nothing implements the trait")
    }
}

impl<T> Deferred<'_, T> {
    #[doc(hidden)]
    pub fn blocking<Output>(self) -> Output
    where
        for<'off> Off: Blocks,
    {
        unreachable!("nothing implements the trait")
    }
}

impl<T: Decode> EventStream<T> {
    #[doc(hidden)]
    pub fn blocking<Output>(self) -> Output
    where
        for<'off> Off: Blocks,
    {
        unreachable!("nothing implements the trait")
    }
}

impl<E: Paged> Items<E> {
    #[doc(hidden)]
    pub fn blocking<Output>(self) -> Output
    where
        for<'off> Off: Blocks,
    {
        unreachable!("nothing implements the trait")
    }
}

impl<E: Paged> Pages<E> {
    #[doc(hidden)]
    pub fn blocking<Output>(self) -> Output
    where
        for<'off> Off: Blocks,
    {
        unreachable!("nothing implements the trait")
    }
}
