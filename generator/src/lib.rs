//! Turns an OpenAPI document into a Rust SDK crate. The whole pipeline is [`generate`]: stages are functions from one type to the next, and what
//! they find wrong is collected in [`Diagnostics`].

pub mod analyze;
pub mod cli;
pub mod diagnostics;
pub mod docs;
pub mod dump;
pub mod emit;
pub mod format;
pub mod layout;
pub mod load;
pub mod lower;
pub mod model;
pub mod names;
pub mod output;
pub mod overlay;
pub mod parse;
pub mod render;
pub mod report;
pub mod resolve;

use std::cell::RefCell;
use std::path::PathBuf;

use diagnostics::{Diagnostics, Failed};
use emit::{Emitter, Mentions};
use overlay::{Overlay, Unmatched};
use render::{About, FileTree};

/// The file with the public surface, from which the next generation's report is made.
pub const SURFACE: &str = "surface.txt";

/// What to generate from, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The document.
    pub spec: PathBuf,
    /// The folder with the overlay.
    pub overlay: PathBuf,
    /// What to do with overlay entries that match nothing.
    pub unmatched: Unmatched,
    /// Path to the runtime for a crate that stands alone; `None`: a member of this workspace.
    pub runtime: Option<String>,
    /// How the files name the document; `None`: by its own name.
    pub label: Option<String>,
    /// The stage whose result is wanted in words instead of files.
    pub dump: Option<dump::Stage>,
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// The files, not yet formatted.
    pub files: FileTree,
    /// The hand-written module, if the overlay names one.
    pub extension: Option<String>,
    /// The result of the stage that was asked for.
    pub dump: Option<String>,
    /// Counts for the summary.
    pub counts: Counts,
}

/// How much was generated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Operations.
    pub operations: usize,
    /// Named schemas of the document.
    pub schemas: usize,
    /// Named schemas that became a type.
    pub emitted: usize,
    /// Named schemas that are another name for their twin.
    pub aliased: usize,
    /// Named schemas that nothing reaches, or that are laid into other types.
    pub unreached: usize,
    /// Types, inline ones included.
    pub types: usize,
    /// Places that stay raw JSON.
    pub untyped: usize,
}

/// Runs the pipeline up to the unformatted files. All that is wrong is in `diagnostics`; nothing is written.
///
/// # Errors
/// When a stage found errors.
pub fn generate(diagnostics: &mut Diagnostics, settings: &Settings) -> Result<Generated, Failed> {
    let pipeline = |diagnostics: &mut Diagnostics| {
        let overlay = Overlay::read(diagnostics, &settings.overlay)?;
        let mut document = load::load(diagnostics, &settings.spec)?;
        let source = document.source.clone();
        let result = stages(diagnostics, settings, &overlay, &mut document);
        diagnostics.locate(|pointer| source.locate(pointer));
        result
    };
    // The stages follow types as deep as the document nests them, which may be deeper than the stack of the caller's thread.
    std::thread::scope(|scope| {
        let spawned = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || pipeline(diagnostics));
        match spawned.expect("a process can start one thread").join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Address space for the stages' stack; what is not used takes no memory.
const STACK: usize = 512 << 20;

fn stages(
    diagnostics: &mut Diagnostics,
    settings: &Settings,
    overlay: &Overlay,
    document: &mut load::Document,
) -> Result<Generated, Failed> {
    use dump::Stage;
    let mut out = Generated { extension: overlay.extension.first().map(|e| e.apply().module.clone()), ..Generated::default() };
    let wanted = |stage: Stage| settings.dump == Some(stage);
    overlay.patch(diagnostics, &mut document.root, settings.unmatched);
    if wanted(Stage::Load) {
        out.dump = Some(dump::json(&document.root));
        return Ok(out);
    }
    let lowered = lower::lower(diagnostics, document)?;
    if wanted(Stage::Lower) {
        out.dump = Some(dump::json(&lowered.root));
        return Ok(out);
    }
    let parsed = parse::parse(diagnostics, lowered)?;
    let graph = resolve::resolve(diagnostics, &parsed)?;
    if wanted(Stage::Resolve) {
        out.dump = Some(format!("{graph:#?}\n"));
        return Ok(out);
    }
    let mut api = model::model(diagnostics, &graph, overlay)?;
    if wanted(Stage::Model) {
        out.dump = Some(format!("{api:#?}\n"));
        return Ok(out);
    }
    let facts = analyze::analyze(&mut api, overlay);
    let names = names::names(diagnostics, &api, &facts, overlay)?;
    if wanted(Stage::Names) {
        out.dump = Some(dump::names(&api, &names));
        return Ok(out);
    }
    let plan = layout::layout(&api, &facts, &names, overlay);
    let deployments = deployments(&graph, overlay);
    let docs = docs::Docs { site: overlay.site.first().map(|e| e.apply().docs.clone()).unwrap_or_default() };
    overlay.report_unmatched(diagnostics, settings.unmatched);
    diagnostics.checkpoint()?;
    let mentions = RefCell::new(Mentions::default());
    let emitter = Emitter { graph: &graph, api: &api, facts: &facts, names: &names, plan: &plan, docs: &docs, mentions: &mentions };
    let about = About {
        source: settings.label.clone().unwrap_or_else(|| document.source.name.clone()),
        document: document.source.digest.clone(),
        overlay: overlay.digest.clone(),
        extension: out.extension.clone(),
        front: overlay.extension.first().and_then(|e| Some(format!("{}/{}", e.value.module, e.value.front.as_ref()?))),
        runtime: settings.runtime.clone(),
        deployments,
    };
    out.files = render::render(emitter, &about);
    out.counts = counts(&graph, &api, &facts);
    let surface = dump::surface(&api, &facts, &names);
    if wanted(Stage::Surface) {
        out.dump = Some(surface.clone());
    }
    out.files.insert(SURFACE.to_owned(), surface);
    Ok(out)
}

/// The paths for which a deployment is named in the URL: of the overlay's, those that the document has.
fn deployments(graph: &resolve::Graph, overlay: &Overlay) -> Vec<String> {
    let known = |path: &str| graph.operations.iter().any(|operation| operation.path == path);
    overlay.deployment.iter().filter(|entry| known(&entry.value.path)).map(|entry| entry.apply().path.clone()).collect()
}

fn counts(graph: &resolve::Graph, api: &model::Api, facts: &analyze::Facts) -> Counts {
    let named = |id: &model::TypeId| match &api.get(*id).origin {
        model::Origin::Component(name) => graph.components.contains_key(name),
        _ => false,
    };
    let emitted = facts.reach.keys().filter(|id| named(id)).count();
    let aliased = facts.reached_twins.len();
    Counts {
        operations: api.operations.iter().filter(|operation| operation.socket.is_none()).count(),
        schemas: graph.components.len(),
        emitted,
        aliased,
        unreached: graph.components.len().saturating_sub(emitted + aliased),
        types: facts.reach.len(),
        untyped: api.untyped.len(),
    }
}
