//! Owns what the generator has to say about its input: faults, warnings and notes, each with a place and a way out.
//! Knows nothing of OpenAPI.

use std::fmt;

/// A JSON pointer into the document, written as a URI fragment (`#/components/schemas/Pet`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer(String);

impl Pointer {
    /// The document itself.
    pub fn root() -> Self {
        Self("#".to_owned())
    }

    /// A pointer from its text form, with or without the leading `#`.
    pub fn from_text(text: &str) -> Self {
        if text.starts_with('#') { Self(text.to_owned()) } else { Self(format!("#{text}")) }
    }

    /// The pointer to a member of what this one points to.
    pub fn child(&self, segment: impl fmt::Display) -> Self {
        let segment = segment.to_string();
        let mut text = String::with_capacity(self.0.len() + segment.len() + 1);
        text.push_str(&self.0);
        text.push('/');
        for c in segment.chars() {
            match c {
                '~' => text.push_str("~0"),
                '/' => text.push_str("~1"),
                c => text.push(c),
            }
        }
        Self(text)
    }

    /// The unescaped segments from the root.
    pub fn segments(&self) -> impl Iterator<Item = String> + '_ {
        self.0.trim_start_matches('#').split('/').skip(1).map(|s| s.replace("~1", "/").replace("~0", "~"))
    }

    /// The pointer to what holds this.
    pub fn parent(&self) -> Self {
        Self(self.0.rsplit_once('/').map_or("#", |(head, _)| head).to_owned())
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something could not be expressed and has a documented fallback.
    Note,
    /// Something looks wrong and generation goes on.
    Warning,
    /// Nothing can be generated.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One thing to say about the input.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// The stage that found it.
    pub stage: &'static str,
    /// Where it is.
    pub pointer: Pointer,
    /// Line and column, counted from one, where they are known.
    pub position: Option<(usize, usize)>,
    /// What was found.
    pub found: String,
    /// What was expected in its place; empty where that is plain.
    pub expected: String,
    /// What to do about it; empty where nothing can be said.
    pub hint: String,
}

impl Diagnostic {
    /// Says what should be there.
    pub fn expected(&mut self, text: impl Into<String>) -> &mut Self {
        self.expected = text.into();
        self
    }

    /// Says what to do.
    pub fn hint(&mut self, text: impl Into<String>) -> &mut Self {
        self.hint = text.into();
        self
    }

    /// Says the line and column where the parser knows them.
    pub fn at(&mut self, line: usize, column: usize) -> &mut Self {
        self.position = Some((line, column));
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] {}", self.severity, self.stage, self.pointer)?;
        if let Some((line, column)) = self.position {
            write!(f, " (line {line}, column {column})")?;
        }
        write!(f, ": {}", self.found)?;
        if !self.expected.is_empty() {
            write!(f, "; expected {}", self.expected)?;
        }
        if !self.hint.is_empty() {
            write!(f, "\n  hint: {}", self.hint)?;
        }
        Ok(())
    }
}

/// A stage found errors; they are in the [`Diagnostics`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// Everything the stages have found so far, in the order in which they found it.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds an error.
    pub fn error(&mut self, stage: &'static str, pointer: &Pointer, found: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Error, stage, pointer, found)
    }

    /// Adds a warning.
    pub fn warning(&mut self, stage: &'static str, pointer: &Pointer, found: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Warning, stage, pointer, found)
    }

    /// Adds a note.
    pub fn note(&mut self, stage: &'static str, pointer: &Pointer, found: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Note, stage, pointer, found)
    }

    /// Adds a diagnostic of a severity decided by the caller.
    pub fn add(&mut self, severity: Severity, stage: &'static str, pointer: &Pointer, found: impl Into<String>) -> &mut Diagnostic {
        self.list.push(Diagnostic {
            severity,
            stage,
            pointer: pointer.clone(),
            position: None,
            found: found.into(),
            expected: String::new(),
            hint: String::new(),
        });
        self.list.last_mut().expect("one was pushed just now")
    }

    /// Ends a stage: all its errors have been collected, and there were some or none.
    pub fn checkpoint(&self) -> Result<(), Failed> {
        if self.has_errors() { Err(Failed) } else { Ok(()) }
    }

    /// Whether anything stands in the way of an output.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// Everything, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Fills in line and column of those that have none, with `locate`.
    pub fn locate(&mut self, locate: impl Fn(&Pointer) -> Option<(usize, usize)>) {
        for d in &mut self.list {
            if d.position.is_none() && d.severity > Severity::Note {
                d.position = locate(&d.pointer);
            }
        }
    }
}
