//! `errors`: what becomes of an answer that is no success, or a success of an odd kind.

use super::case::Case;
use super::compare::Differences;
use super::retries::{Performed, compare_outcome, performed};

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let input = case.input();
    let Performed { answer, .. } = performed(input, std::slice::from_ref(&input["response"]))?;
    Ok(compare_outcome(case.expected(), &answer))
}
