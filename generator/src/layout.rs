//! Owns which file holds what: families of types, files within a family, the tree of resources. Knows no syntax.
//!
//! A type belongs to the family of the operations that reach it in the fewest steps; what many families reach alike is shared. Within a family a type stands in
//! the file of the one type that uses it; small files of one kind are laid together.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;

use crate::analyze::{Facts, mentions};
use crate::model::{Api, Shape, TypeId};
use crate::names::{Names, singular};
use crate::overlay::Overlay;

mod features;

pub use features::{FeatureSet, Features, condition, feature};

/// Lines above which a file is not added to.
const FULL: usize = 600;
/// Lines above which a file is parted.
const TOO_LARGE: usize = 900;
/// Lines below which a file looks for company.
const SMALL: usize = 240;

/// The plan of the crate.
#[derive(Clone, Debug, Default)]
pub struct CratePlan {
    /// Families in alphabetical order.
    pub families: BTreeMap<String, Family>,
    /// The family of each type.
    pub family_of: BTreeMap<TypeId, String>,
    /// Resources by dotted path, children behind their parents.
    pub resources: BTreeMap<Vec<String>, Resource>,
    /// Cargo features.
    pub features: Features,
}

/// A module of types.
#[derive(Clone, Debug, Default)]
pub struct Family {
    /// Types by file, in the order in which they stand there.
    pub files: BTreeMap<String, Vec<TypeId>>,
    /// Second names: indices into [`Names::aliases`].
    pub aliases: Vec<usize>,
    /// Twins that are aliases here.
    pub twins: Vec<TypeId>,
}

/// A node of the API's tree.
#[derive(Clone, Debug, Default)]
pub struct Resource {
    /// Indices of its operations.
    pub operations: Vec<usize>,
    /// The last segments of its children.
    pub children: Vec<String>,
}

/// Plans the crate.
pub fn layout(api: &Api, facts: &Facts, names: &Names, overlay: &Overlay) -> CratePlan {
    let mut plan = CratePlan { resources: resources(api), ..CratePlan::default() };
    plan.family_of = families(api, facts, names, overlay);
    let mut by_family: BTreeMap<String, Vec<TypeId>> = BTreeMap::new();
    for (id, family) in &plan.family_of {
        by_family.entry(family.clone()).or_default().push(*id);
    }
    for (family, ids) in by_family {
        let files = files(api, facts, names, &plan.family_of, &family, &ids);
        plan.families.insert(family, Family { files, ..Family::default() });
    }
    let homes: Vec<String> = names
        .aliases
        .iter()
        .map(|alias| {
            let own = alias.operation.map(|op| api.operations[op].resource[0].clone());
            alias.family.clone().or(own).unwrap_or_else(|| plan.family_of[&alias.target].clone())
        })
        .collect();
    let mut taken: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (id, family) in &plan.family_of {
        taken.insert((family, &names.types[id]), 1);
    }
    for (alias, home) in names.aliases.iter().zip(&homes) {
        *taken.entry((home, &alias.name)).or_default() += 1;
    }
    for (index, (alias, home)) in names.aliases.iter().zip(&homes).enumerate() {
        // A second name that would mean two things means none.
        if taken[&(home.as_str(), alias.name.as_str())] == 1 {
            plan.families.entry(home.clone()).or_default().aliases.push(index);
        }
    }
    for twin in &facts.reached_twins {
        let edition = overlay.edition.first().map_or_else(|| "shared".to_owned(), |e| e.value.resource.clone());
        plan.families.entry(edition).or_default().twins.push(*twin);
    }
    plan.features = Features::find(api, facts, overlay, &plan);
    plan
}

fn resources(api: &Api) -> BTreeMap<Vec<String>, Resource> {
    let mut resources: BTreeMap<Vec<String>, Resource> = BTreeMap::new();
    for (index, operation) in api.operations.iter().enumerate() {
        for depth in 1..operation.resource.len() {
            let parent = operation.resource[..depth].to_vec();
            let child = operation.resource[depth].clone();
            let children = &mut resources.entry(parent).or_default().children;
            if !children.contains(&child) {
                children.push(child);
            }
        }
        resources.entry(operation.resource.clone()).or_default().operations.push(index);
    }
    for resource in resources.values_mut() {
        resource.children.sort();
    }
    resources
}

/// The family of every type: the nearest one, `shared` where three or more are equally near.
fn families(api: &Api, facts: &Facts, names: &Names, overlay: &Overlay) -> BTreeMap<TypeId, String> {
    let editions: BTreeSet<&str> = overlay.edition.iter().map(|e| e.value.resource.as_str()).collect();
    let mut order: Vec<String> = Vec::new();
    let mut roots: BTreeMap<String, Vec<TypeId>> = BTreeMap::new();
    let mut root = |family: &str, id: TypeId| {
        if !order.iter().any(|f| f == family) {
            order.push(family.to_owned());
        }
        roots.entry(family.to_owned()).or_default().push(id);
    };
    for (id, operation) in &facts.operation_roots {
        root(&api.operations[*operation].resource[0], *id);
    }
    if let Some(id) = api.webhooks {
        root("webhooks", id);
    }
    for entry in &overlay.root {
        let found = api.types.iter().position(|t| t.origin == crate::model::Origin::Component(entry.value.schema.clone()));
        if let (Some(index), Some(family)) = (found, &entry.value.family) {
            root(family, TypeId(index));
        }
    }
    let mut near: BTreeMap<TypeId, Vec<(usize, String)>> = BTreeMap::new();
    for family in &order {
        let mut wave: Vec<TypeId> = roots[family].clone();
        let mut seen: BTreeSet<TypeId> = wave.iter().copied().collect();
        let mut depth = 0;
        while !wave.is_empty() {
            let mut next = Vec::new();
            for id in wave {
                near.entry(id).or_default().push((depth, family.clone()));
                next.extend(mentions(&api.get(id).shape).into_iter().filter(|n| seen.insert(*n)));
            }
            wave = next;
            depth += 1;
        }
    }
    let mut families = BTreeMap::new();
    for id in facts.reach.keys() {
        let name = &names.types[id];
        let family = overlay.family.iter().find(|e| e.value.name == *name).map(|e| e.apply().family.clone());
        let family = family.unwrap_or_else(|| {
            let all = near.get(id).cloned().unwrap_or_default();
            let plain: Vec<&(usize, String)> = all.iter().filter(|(_, f)| !editions.contains(f.as_str())).collect();
            let pool = if plain.is_empty() { all.iter().collect() } else { plain };
            let nearest = pool.iter().map(|(depth, _)| *depth).min().unwrap_or(0);
            let candidates: Vec<&String> = pool.iter().filter(|(depth, _)| *depth == nearest).map(|(_, f)| f).collect();
            // The main family may be a step further away than the nearest ones.
            let is_near = |family: &str| pool.iter().any(|(depth, f)| f == family && *depth <= nearest + 1);
            let main = overlay.main_family.iter().find(|e| candidates.len() < 4 && nearest > 0 && is_near(&e.value.family));
            match (main, candidates.as_slice()) {
                (Some(main), _) => main.apply().family.clone(),
                (None, [] | [_, _, _, ..]) => "shared".to_owned(),
                (None, [first, ..]) => (*first).clone(),
            }
        });
        families.insert(*id, family);
    }
    families
}

/// The files of one family.
fn files(
    api: &Api,
    facts: &Facts,
    names: &Names,
    family_of: &BTreeMap<TypeId, String>,
    family: &str,
    ids: &[TypeId],
) -> BTreeMap<String, Vec<TypeId>> {
    let owner = owners(api, facts, family_of, family, ids);
    let mut groups: BTreeMap<TypeId, Vec<TypeId>> = BTreeMap::new();
    for id in ids {
        groups.entry(owner[id]).or_default().push(*id);
    }
    let weigh = |ids: &[TypeId]| -> usize { ids.iter().map(|id| weight(api, facts, *id)).sum() };
    let groups = parted(api, facts, family_of, family, groups, &weigh);
    let mut files: BTreeMap<String, Vec<TypeId>> = BTreeMap::new();
    let mut small: BTreeMap<String, Vec<(TypeId, Vec<TypeId>)>> = BTreeMap::new();
    for (root, mut members) in groups {
        members.sort_by_key(|id| (*id != root, *id));
        if weigh(&members) >= SMALL {
            files.entry(file_name(&names.types[&root])).or_default().extend(members);
        } else {
            small.entry(topic(&names.types[&root])).or_default().push((root, members));
        }
    }
    for (topic, groups) in small {
        let all: Vec<TypeId> = groups.iter().flat_map(|(_, m)| m.clone()).collect();
        if weigh(&all) <= FULL {
            files.entry(topic).or_default().extend(all);
            continue;
        }
        part_topic(names, &weigh, &topic, groups, 2, &mut files);
    }
    files
}

/// Too many of one kind for one file: parted by the first words of their names, more of them where two do not suffice.
fn part_topic(
    names: &Names,
    weigh: &dyn Fn(&[TypeId]) -> usize,
    topic: &str,
    groups: Vec<(TypeId, Vec<TypeId>)>,
    words: usize,
    files: &mut BTreeMap<String, Vec<TypeId>>,
) {
    let mut parted: BTreeMap<String, Vec<(TypeId, Vec<TypeId>)>> = BTreeMap::new();
    for (root, members) in groups {
        let name = names.types[&root].to_snake_case();
        let head: Vec<&str> = name.split('_').take(words).collect();
        parted.entry(head.join("_")).or_default().push((root, members));
    }
    for (head, groups) in parted {
        let all: Vec<TypeId> = groups.iter().flat_map(|(_, members)| members.clone()).collect();
        let weight = weigh(&all);
        if weight > TOO_LARGE && groups.len() > 1 && words < 6 {
            part_topic(names, weigh, topic, groups, words + 1, files);
        } else if weight < SMALL / 2 {
            files.entry(topic.to_owned()).or_default().extend(all);
        } else {
            files.entry(format!("{head}_{topic}")).or_default().extend(all);
        }
    }
}

/// Groups that are too large for one file, parted into their root and what stands directly below it.
fn parted(
    api: &Api,
    facts: &Facts,
    family_of: &BTreeMap<TypeId, String>,
    family: &str,
    groups: BTreeMap<TypeId, Vec<TypeId>>,
    weigh: &dyn Fn(&[TypeId]) -> usize,
) -> BTreeMap<TypeId, Vec<TypeId>> {
    let mut done = BTreeMap::new();
    let mut open: Vec<(TypeId, Vec<TypeId>)> = groups.into_iter().collect();
    while let Some((root, members)) = open.pop() {
        if members.len() == 1 || weigh(&members) <= TOO_LARGE {
            done.insert(root, members);
            continue;
        }
        let rest: Vec<TypeId> = members.into_iter().filter(|id| *id != root).collect();
        let owner = owners(api, facts, family_of, family, &rest);
        let mut below: BTreeMap<TypeId, Vec<TypeId>> = BTreeMap::new();
        for id in rest {
            below.entry(owner[&id]).or_default().push(id);
        }
        done.insert(root, vec![root]);
        open.extend(below);
    }
    done
}

/// For each type the type in whose file it stands: the only one that leads to it from outside the file.
fn owners(api: &Api, facts: &Facts, family_of: &BTreeMap<TypeId, String>, family: &str, ids: &[TypeId]) -> BTreeMap<TypeId, TypeId> {
    let roots: BTreeSet<TypeId> = facts.operation_roots.iter().map(|(id, _)| *id).collect();
    let members: BTreeSet<TypeId> = ids.iter().copied().collect();
    let mut users: BTreeMap<TypeId, BTreeSet<TypeId>> = BTreeMap::new();
    for (id, home) in family_of {
        for other in mentions(&api.get(*id).shape) {
            if other != *id && family_of.get(&other).is_some_and(|f| f == family) {
                // A user that stands elsewhere makes a type the root of its own file.
                let user = if home == family && members.contains(id) { *id } else { other };
                users.entry(other).or_default().insert(user);
            }
        }
    }
    let mut owner: BTreeMap<TypeId, TypeId> = ids.iter().map(|id| (*id, *id)).collect();
    loop {
        let mut changed = false;
        for id in ids {
            if roots.contains(id) {
                continue;
            }
            let owners: BTreeSet<TypeId> = users.get(id).into_iter().flatten().filter_map(|user| owner.get(user).copied()).collect();
            if let (Some(only), 1) = (owners.first().copied(), owners.len())
                && owner[id] != only
                && only != *id
                && owner[&only] == only
            {
                owner.insert(*id, only);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    // A chain that was cut meanwhile is followed to its end.
    for id in ids {
        let mut top = owner[id];
        for _ in 0..ids.len() {
            match owner.get(&top) {
                Some(next) if *next != top => top = *next,
                _ => break,
            }
        }
        owner.insert(*id, top);
    }
    owner
}

/// About how many lines a type takes.
fn weight(api: &Api, facts: &Facts, id: TypeId) -> usize {
    let request = facts.reach.get(&id).is_some_and(|r| r.request);
    match &api.get(id).shape {
        Shape::Struct(s) => 40 + s.fields.len() * if request { 16 } else { 8 },
        Shape::Enum(e) => 25 + e.values.len() * 5,
        Shape::Union(u) => 30 + u.variants.len() * if request { 14 } else { 6 },
        _ => 4,
    }
}

fn file_name(type_name: &str) -> String {
    let name = type_name.to_snake_case();
    if syn::parse_str::<syn::Ident>(&name).is_ok() { name } else { format!("{name}_") }
}

/// What small types of one kind are called together: their last word in the plural.
fn topic(type_name: &str) -> String {
    let snake = type_name.to_snake_case();
    let last = singular(snake.rsplit('_').next().unwrap_or(&snake));
    let plural = match last.as_str() {
        w if w.ends_with('y') && !w.ends_with("ay") && !w.ends_with("ey") => format!("{}ies", &w[..w.len() - 1]),
        w if w.ends_with('s') || w.ends_with('x') || w.ends_with("ch") || w.ends_with("sh") => format!("{w}es"),
        w => format!("{w}s"),
    };
    // The plural of `A` is a keyword.
    file_name(&if plural.starts_with(|c: char| c.is_alphabetic()) { plural } else { format!("n{plural}") })
}
