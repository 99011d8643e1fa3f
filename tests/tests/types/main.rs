//! The emitted types: what all of them can do, what they keep of what is received, what strict mode says of it, and what they take for what is sent.

mod all;
mod kept;
mod sent;
mod strict;
