//! Owns which operations are asked again and again, and which begin what is then asked for. A rule that names what is not there does not apply.

use super::resources::key_of;
use super::{Answer, Api, PollStart, Polling, Ty, Unready};
use crate::overlay::{Overlay, PollRule, PollStartRule};
use crate::resolve::{self, Graph};

/// Applies the overlay's rules to operations that are all there.
pub(super) fn settle(api: &mut Api, graph: &Graph, overlay: &Overlay) {
    let find = |key: &str| graph.operations.iter().position(|op| key_of(op) == key);
    for entry in &overlay.poll {
        let Some(index) = find(&entry.value.key) else { continue };
        if let Some(polling) = polling(api, index, &entry.value) {
            entry.apply();
            api.operations[index].polling = Some(polling);
        }
    }
    for entry in &overlay.poll_start {
        let (Some(index), Some(by)) = (find(&entry.value.key), find(&entry.value.by)) else { continue };
        if let Some(start) = start(api, index, by, &entry.value) {
            entry.apply();
            api.operations[index].poll_start = Some(start);
        }
    }
}

fn polling(api: &Api, index: usize, rule: &PollRule) -> Option<Polling> {
    let Answer::Json(answer) = &api.operations[index].answer else { return None };
    let state: Vec<String> = rule.state.split('.').map(ToOwned::to_owned).collect();
    let values = values_at(api, &answer.ty, &state)?;
    let is_known = |state: &String| values.is_empty() || values.contains(state);
    let unready = match (rule.pending.is_empty(), rule.ready.is_empty()) {
        (false, true) => Unready::While(rule.pending.clone()),
        (true, false) => Unready::Until(rule.ready.clone()),
        (true, true) => Unready::AboveZero,
        (false, false) => return None,
    };
    (unready == Unready::AboveZero || rule.pending.iter().chain(&rule.ready).any(is_known)).then(|| Polling {
        method: rule.name.clone(),
        state,
        unready,
        interval_ms: rule.interval_ms,
        limit_s: rule.limit_s,
        is_marked: !rule.unmarked,
    })
}

/// The listed values of the field at a path; none where any may stand there.
fn values_at(api: &Api, ty: &Ty, path: &[String]) -> Option<Vec<String>> {
    let (first, rest) = path.split_first()?;
    let (_, found) = api.as_struct(ty)?;
    let field = found.field(first)?;
    if rest.is_empty() { Some(field.values.clone()) } else { values_at(api, &field.ty, rest) }
}

fn start(api: &Api, index: usize, by: usize, rule: &PollStartRule) -> Option<PollStart> {
    let (begins, asked) = (&api.operations[index], &api.operations[by]);
    asked.polling.as_ref()?;
    let Answer::Json(answer) = &begins.answer else { return None };
    let (_, answer) = api.as_struct(&answer.ty)?;
    let is_given = |name: &str| begins.path_parameters.iter().any(|(given, _)| given == name) || rule.ids.contains_key(name);
    let has_path = resolve::placeholders(&asked.path).into_iter().all(is_given);
    let has_ids = rule.ids.values().all(|field| answer.field(field).is_some());
    (has_path && has_ids).then(|| PollStart {
        method: rule.name.clone(),
        operation: by,
        ids: rule.ids.iter().map(|(param, field)| (param.clone(), field.clone())).collect(),
        sets: rule.sets.iter().map(|(field, value)| (field.clone(), value.to_string())).collect(),
        keeps: rule.keeps.clone(),
    })
}
