//! Owns the files of the table of names: operations by resource, types by family. Knows no name and no shape of a schema.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Value, context};

use super::{FileTree, Renderer};
use crate::emit::{Emitter, Mentions};
use crate::layout::{Family, FeatureSet, condition, feature};
use crate::model::TypeId;
use crate::names::module_ident;

impl Renderer<'_> {
    /// The table of names.
    pub(super) fn dynamic(&self, files: &mut FileTree) {
        files.insert("src/dynamic.rs".to_owned(), self.file("dynamic.rs", context! {}));
        self.named_operations(files);
        self.named_types(files);
    }

    fn named_operations(&self, files: &mut FileTree) {
        let mut by_resource: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (path, resource) in &self.plan().resources {
            let calls = resource.operations.iter().filter(|index| self.emitter.api.operations[**index].socket.is_none());
            by_resource.entry(&path[0]).or_default().extend(calls);
        }
        let mut resources: Vec<Value> = Vec::new();
        for (resource, mut operations) in by_resource {
            let module = module_ident(resource);
            operations.sort_by_key(|index| self.emitter.api.operations[*index].name());
            let mentions = RefCell::new(Mentions::default());
            let emitter = Emitter { mentions: &mentions, ..self.emitter };
            let entries: Vec<String> = operations.iter().map(|index| emitter.named_operation(*index)).collect();
            let polls: Vec<String> = operations.iter().flat_map(|index| emitter.named_polls(*index)).collect();
            let imports = self.imports(&mentions.borrow(), &BTreeSet::new(), true);
            let text = self.file("dynamic_resource.rs", context! { resource, module => &module, imports, entries, polls => &polls });
            files.insert(format!("src/dynamic/operations/{module}.rs"), text);
            resources.push(context! { module, feature => feature(resource), polls => !polls.is_empty() });
        }
        files.insert("src/dynamic/operations.rs".to_owned(), self.file("dynamic_operations.rs", context! { resources }));
    }

    fn named_types(&self, files: &mut FileTree) {
        let mut families: Vec<Value> = Vec::new();
        for (name, family) in &self.plan().families {
            let module = module_ident(name);
            let surroundings = self.features_of(name, family);
            let groups = self.named_types_of(name, family, &surroundings);
            let text = self.file("dynamic_family.rs", context! { family => name, module => &module, groups });
            files.insert(format!("src/dynamic/types/{module}.rs"), text);
            families.push(context! { name, module, condition => condition(&surroundings, &self.plan().features.all) });
        }
        files.insert("src/dynamic/types.rs".to_owned(), self.file("dynamic_types.rs", context! { families }));
    }

    /// The entries of a family, by the condition under which they are there.
    fn named_types_of(&self, name: &str, family: &Family, surroundings: &FeatureSet) -> Vec<Value> {
        let (names, features) = (self.emitter.names, &self.plan().features);
        let mut groups: BTreeMap<Option<String>, BTreeMap<&str, String>> = BTreeMap::new();
        let mut add = |wanted: &FeatureSet, id: TypeId, name| {
            groups.entry(condition(wanted, surroundings)).or_default().insert(name, self.emitter.named_type(id, name));
        };
        for (file, ids) in &family.files {
            for id in ids {
                add(&features.of_file(name, file), *id, names.types[id].as_str());
            }
        }
        for index in &family.aliases {
            let alias = &names.aliases[*index];
            add(&features.of_type(alias.target), alias.target, alias.name.as_str());
        }
        for twin in &family.twins {
            add(&features.of_type(self.emitter.facts.twins[twin]), *twin, names.types[twin].as_str());
        }
        let group = |(condition, entries): (Option<String>, BTreeMap<&str, String>)| {
            let entries: Vec<String> = entries.into_values().collect();
            context! { condition, entries }
        };
        groups.into_iter().map(group).collect()
    }
}
