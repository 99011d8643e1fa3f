//! Owns which Cargo features a file of types is for: one feature for each top-level resource, and a file belongs to all of those that lead to it.
//! Knows no syntax.

use std::collections::{BTreeMap, BTreeSet};

use super::CratePlan;
use crate::analyze::{Facts, mentions};
use crate::model::{Api, Origin, TypeId};
use crate::overlay::Overlay;

/// What the crate's manifest calls its other features. A test compares it with the template.
const RESERVED: &[&str] = &[
    "default",
    "full",
    "serde",
    "blocking",
    "rustls-ring",
    "rustls-aws-lc-rs",
    "native-tls",
    "gzip",
    "http2",
    "socks",
    "system-proxy",
    "testing",
    "dynamic",
    "tracing",
    "log",
    "azure-identity",
    "bedrock",
    "aws-config",
    "schemars",
    "websocket",
    "voice",
];

/// A set of features, any of which wants a thing.
pub type FeatureSet = BTreeSet<String>;

/// The features of the crate, and what each wants.
#[derive(Clone, Debug, Default)]
pub struct Features {
    /// All of them.
    pub all: FeatureSet,
    /// What they need of the runtime.
    needs: BTreeMap<String, Vec<String>>,
    /// Those that lead to a file, by family and file.
    files: BTreeMap<(String, String), FeatureSet>,
    /// The file of each type.
    homes: BTreeMap<TypeId, (String, String)>,
}

impl Features {
    /// Follows every resource's types from file to file.
    pub(super) fn find(api: &Api, facts: &Facts, overlay: &Overlay, plan: &CratePlan) -> Self {
        let mut features = Self::default();
        for (family, content) in &plan.families {
            for (file, ids) in &content.files {
                for id in ids {
                    features.homes.insert(*id, (family.clone(), file.clone()));
                }
            }
        }
        let mut roots: BTreeMap<String, Vec<TypeId>> = BTreeMap::new();
        for path in plan.resources.keys() {
            roots.entry(feature(&path[0])).or_default();
        }
        for (id, operation) in &facts.operation_roots {
            roots.entry(feature(&api.operations[*operation].resource[0])).or_default().push(*id);
        }
        if let Some(id) = api.webhooks {
            roots.entry(feature("webhooks")).or_default().push(id);
        }
        for entry in &overlay.root {
            let named = api.types.iter().position(|t| t.origin == Origin::Component(entry.value.schema.clone()));
            if let Some(index) = named {
                let id = TypeId(index);
                let family = entry.value.family.as_ref().or_else(|| plan.family_of.get(&id));
                roots.entry(feature(family.map_or("shared", String::as_str))).or_default().push(id);
            }
        }
        for (feature, roots) in roots {
            features.follow(api, facts, plan, &feature, roots);
            features.all.insert(feature);
        }
        for entry in &overlay.feature {
            let name = feature(&entry.value.resource);
            if features.all.contains(&name) {
                features.needs.entry(name).or_default().extend(entry.apply().needs.iter().cloned());
            }
        }
        features
    }

    fn follow(&mut self, api: &Api, facts: &Facts, plan: &CratePlan, feature: &str, mut open: Vec<TypeId>) {
        while let Some(id) = open.pop() {
            let Some(home) = self.homes.get(&id).cloned() else { continue };
            let (family, file) = &home;
            if !self.files.entry(home.clone()).or_default().insert(feature.to_owned()) {
                continue;
            }
            for id in &plan.families[family].files[file] {
                open.extend(mentions(&api.get(*id).shape));
                open.extend(facts.conversions.get(id).into_iter().flatten());
            }
        }
    }

    /// What a feature needs of the runtime.
    pub fn needs(&self, feature: &str) -> &[String] {
        self.needs.get(feature).map_or(&[], Vec::as_slice)
    }

    /// The features that lead to a file.
    pub fn of_file(&self, family: &str, file: &str) -> FeatureSet {
        self.files.get(&(family.to_owned(), file.to_owned())).cloned().unwrap_or_default()
    }

    /// The features that lead to a type.
    pub fn of_type(&self, id: TypeId) -> FeatureSet {
        self.homes.get(&id).map_or_else(FeatureSet::new, |(family, file)| self.of_file(family, file))
    }
}

/// The feature of a top-level resource.
pub fn feature(resource: &str) -> String {
    let name = resource.replace('_', "-");
    if RESERVED.contains(&name.as_str()) { format!("{name}-api") } else { name }
}

/// The condition under which a thing is compiled; none where it always is.
pub fn condition(features: &FeatureSet, surroundings: &FeatureSet) -> Option<String> {
    if features == surroundings {
        return None;
    }
    let each: Vec<String> = features.iter().map(|feature| format!("feature = \"{feature}\"")).collect();
    match each.as_slice() {
        [one] => Some(one.clone()),
        many => Some(format!("any({})", many.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_resource_takes_the_name_of_another_feature() {
        let manifest = include_str!("../../../templates/Cargo.toml.j2");
        let (_, features) = manifest.split_once("[features]").expect("the template has features");
        let (features, _) = features.split_once("\n[").expect("another table follows");
        let names: Vec<&str> = features.lines().filter_map(|line| line.split_once(" = [")).map(|(name, _)| name).collect();
        let own: Vec<&str> = names.into_iter().filter(|name| !name.starts_with("{{")).collect();
        assert!(own.contains(&"default") && own.contains(&"testing"), "{own:?}");
        for name in own {
            assert_eq!(feature(name), format!("{name}-api"), "{name} is missing from RESERVED");
        }
    }
}
