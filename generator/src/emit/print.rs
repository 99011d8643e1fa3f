//! Owns the step from tokens to text: `syn` reads them, `prettyplease` prints them.

use proc_macro2::TokenStream;

/// Prints items.
pub fn print(tokens: TokenStream) -> String {
    match syn::parse2::<syn::File>(tokens.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(e) => unreachable!("emitted tokens are Rust ({e}): {tokens}"),
    }
}
