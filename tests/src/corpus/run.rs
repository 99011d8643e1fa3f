//! Performs cases, several at a time, and reports them in their order. Knows no category.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::case::Case;
use super::category;
use super::compare::Differences;
use super::deviations::Deviations;
use crate::parallel;

/// What became of a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// All that it expects was found.
    Equal,
    /// It differs as deviations say.
    Deviation(BTreeSet<String>),
    /// It differs.
    Differs(Differences),
    /// It could not be performed, which counts as differing.
    NotPerformed(String),
}

/// The verdicts of a run, in the order of the cases.
#[derive(Clone, Debug)]
pub struct Report {
    verdicts: Vec<(Case, Verdict)>,
}

/// Performs cases on a few threads.
pub fn run(cases: Vec<Case>, deviations: &Deviations) -> Report {
    let verdicts = parallel::map(&cases, |case| judge(case, deviations));
    Report { verdicts: cases.into_iter().zip(verdicts).collect() }
}

fn judge(case: &Case, deviations: &Deviations) -> Verdict {
    let Some(perform) = category(&case.category) else {
        return Verdict::NotPerformed(format!("the category `{}` is not known", case.category));
    };
    match perform(case) {
        Err(why) => Verdict::NotPerformed(why),
        Ok(differences) if differences.is_empty() => Verdict::Equal,
        Ok(differences) => match deviations.covering(case, &differences) {
            Some(keys) => Verdict::Deviation(keys.into_iter().map(ToOwned::to_owned).collect()),
            None => Verdict::Differs(differences),
        },
    }
}

impl Verdict {
    /// Whether the case is neither equal nor covered.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Differs(_) | Self::NotPerformed(_))
    }
}

impl Report {
    /// Cases with their verdicts.
    pub fn verdicts(&self) -> &[(Case, Verdict)] {
        &self.verdicts
    }

    /// Those that are neither equal nor covered.
    pub fn failures(&self) -> impl Iterator<Item = &(Case, Verdict)> {
        self.verdicts.iter().filter(|(_, verdict)| verdict.is_failure())
    }

    /// The deviations of the categories in this run that covered nothing.
    pub fn idle(&self, deviations: &Deviations) -> Vec<String> {
        let used = |key: &str| self.verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Deviation(keys) if keys.contains(key)));
        let here = |category: &str| self.verdicts.iter().any(|(case, _)| case.category == category);
        deviations.iter().filter(|deviation| here(&deviation.category) && !used(&deviation.key)).map(|d| d.key.clone()).collect()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal => f.write_str("equal"),
            Self::Deviation(keys) => write!(f, "deviation {}", keys.iter().map(String::as_str).collect::<Vec<_>>().join(" ")),
            Self::Differs(differences) => write!(f, "differs: {differences}"),
            Self::NotPerformed(why) => write!(f, "differs: not performed, {why}"),
        }
    }
}

/// The counts, by category.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        for (case, verdict) in &self.verdicts {
            let column = match verdict {
                Verdict::Equal => 0,
                Verdict::Deviation(_) => 1,
                Verdict::Differs(_) | Verdict::NotPerformed(_) => 2,
            };
            counts.entry(&case.category).or_default()[column] += 1;
        }
        for (category, [equal, deviations, differs]) in counts {
            let all = equal + deviations + differs;
            writeln!(f, "{category}: {all} cases, {equal} equal, {deviations} deviations, {differs} differ")?;
        }
        Ok(())
    }
}
