//! Reads the emitted sources into [`Shapes`]. Knows the emitter's habits; stops where it meets one that it does not know.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use syn::visit_mut::VisitMut;
use syn::{Expr, ImplItem, Item, ItemEnum, ItemImpl, ItemStruct, Lit, Pat, Stmt, UseTree};

use super::shapes::{Field, Key, Payload, Shape, Shapes, Slot, Strings, Union, Variant};

const REQUIRED: u8 = 1;

/// Reads every file below the folder of the emitted types.
pub fn read(types: &Path) -> Shapes {
    let mut shapes = BTreeMap::new();
    for entry in fs::read_dir(types).expect("the folder of the emitted types") {
        let path = entry.expect("a readable folder").path();
        let family = path.file_stem().and_then(|stem| stem.to_str()).expect("families have plain names").to_owned();
        let files = if path.is_dir() {
            fs::read_dir(&path).expect("a readable folder").map(|e| e.expect("a file").path()).collect()
        } else {
            vec![path]
        };
        for file in files {
            let text = fs::read_to_string(&file).expect("a readable file");
            let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            FileReader::new(&family, &parsed.items).read(&parsed.items, &mut shapes);
        }
    }
    shapes
}

/// What of a type's impls matters.
#[derive(Default)]
struct Impls<'f> {
    by_trait: HashMap<(String, String), &'f ItemImpl>,
}

impl<'f> Impls<'f> {
    fn new(items: &'f [Item]) -> Self {
        let mut impls = Self::default();
        for item in items {
            if let Item::Impl(found) = item
                && let Some((path, _)) = &found.trait_
                && let syn::Type::Path(target) = &*found.self_ty
                && let (Some(name), Some(target)) = (path.segments.last(), target.path.get_ident())
            {
                impls.by_trait.insert((target.to_string(), name.ident.to_string()), found);
            }
        }
        impls
    }

    fn get(&self, target: &syn::Ident, name: &str) -> Option<&'f ItemImpl> {
        self.by_trait.get(&(target.to_string(), name.to_owned())).copied()
    }
}

struct FileReader<'f> {
    family: &'f str,
    /// Families of imported names.
    imports: HashMap<String, String>,
    impls: Impls<'f>,
}

impl<'f> FileReader<'f> {
    fn new(family: &'f str, items: &'f [Item]) -> Self {
        let mut imports = HashMap::new();
        for item in items {
            if let Item::Use(found) = item {
                imported(&found.tree, &mut Vec::new(), &mut imports);
            }
        }
        Self { family, imports, impls: Impls::new(items) }
    }

    fn read(&self, items: &[Item], shapes: &mut Shapes) {
        for item in items {
            let (ident, shape) = match item {
                Item::Struct(found) => (&found.ident, self.structure(found)),
                Item::Enum(found) => (&found.ident, self.enumeration(found)),
                Item::Type(found) => (&found.ident, Some(Shape::Alias(self.absolute(&found.ty)))),
                _ => continue,
            };
            let key = Key { family: self.family.to_owned(), name: ident.to_string() };
            shapes.insert(key, shape.unwrap_or_else(|| panic!("{}::{ident} is written in a way that is not known here", self.family)));
        }
    }

    fn structure(&self, found: &ItemStruct) -> Option<Shape> {
        let object = self.impls.get(&found.ident, "Object")?;
        let types: HashMap<String, &syn::Type> =
            found.fields.iter().map(|f| (f.ident.as_ref().map(ToString::to_string).unwrap_or_default(), &f.ty)).collect();
        let declared = constant(object, "FIELDS").and_then(declared)?;
        let arms = match method(object, "decode_field")? {
            Expr::Match(found) => &found.arms,
            _ => return None,
        };
        let mut fields = Vec::new();
        for ((wire, flags), arm) in declared.into_iter().zip(arms) {
            let Expr::MethodCall(call) = &*arm.body else { return None };
            let slot = match (call.method.to_string().as_str(), call.args.first()?) {
                ("set" | "set_optional", Expr::Reference(slot)) => {
                    let Expr::Field(field) = &*slot.expr else { return None };
                    let syn::Member::Named(ident) = &field.member else { return None };
                    Slot::Stored(ident.clone(), self.absolute(types.get(&ident.to_string())?))
                }
                ("constant", Expr::Lit(value)) => Slot::Constant(text(&value.lit)?),
                _ => return None,
            };
            fields.push(Field { wire, required: flags & REQUIRED != 0, slot });
        }
        Some(Shape::Struct(fields))
    }

    fn enumeration(&self, found: &ItemEnum) -> Option<Shape> {
        match self.impls.get(&found.ident, "StringEnum") {
            Some(strings) => string_enum(found, strings).map(Shape::Strings),
            None => self.union(found).map(Shape::Union),
        }
    }

    fn union(&self, found: &ItemEnum) -> Option<Union> {
        let encode = self.impls.get(&found.ident, "Encode")?;
        let decode = self.impls.get(&found.ident, "Decode")?;
        let texts = unit_texts(encode)?;
        let (tag, tags) = match by_tag_alone(method(decode, "decode")?) {
            Some((tag, tags)) => (Some(tag), tags),
            None => (None, HashMap::new()),
        };
        // The last variant holds what no other describes.
        let known = found.variants.len().checked_sub(1)?;
        let variants = found.variants.iter().take(known).map(|variant| {
            let name = variant.ident.to_string();
            let payload = match variant.fields.iter().next() {
                Some(payload) => Payload::Type(self.absolute(&payload.ty)),
                None => Payload::Text(texts.get(&name)?.clone()),
            };
            Some(Variant { ident: variant.ident.clone(), payload, tags: tags.get(&name).cloned().unwrap_or_default() })
        });
        Some(Union { variants: variants.collect::<Option<_>>()?, tag })
    }

    /// The type with every name of the crate's own under its family: `crate::types::chat::X`.
    fn absolute(&self, ty: &syn::Type) -> syn::Type {
        let mut ty = ty.clone();
        Absolute(self).visit_type_mut(&mut ty);
        ty
    }
}

struct Absolute<'r, 'f>(&'r FileReader<'f>);

impl VisitMut for Absolute<'_, '_> {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        syn::visit_mut::visit_path_mut(self, path);
        let Some(ident) = path.get_ident().cloned() else { return };
        let name = ident.to_string();
        if matches!(name.as_str(), "String" | "i64" | "u64" | "f32" | "f64" | "bool" | "Json" | "Upload") {
            return;
        }
        let family = self.0.imports.get(&name).map_or(self.0.family, String::as_str);
        let family = syn::Ident::new(family, ident.span());
        *path = syn::parse_quote!(crate::types::#family::#ident);
    }
}

/// Collects the names that a `use crate::types::FAMILY::…` brings in.
pub fn imported(tree: &UseTree, path: &mut Vec<String>, imports: &mut HashMap<String, String>) {
    match tree {
        UseTree::Path(step) => {
            path.push(step.ident.to_string());
            imported(&step.tree, path, imports);
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| imported(tree, path, imports)),
        UseTree::Name(name) => {
            if let [first, second, family] = path.as_slice()
                && (first.as_str(), second.as_str()) == ("crate", "types")
            {
                imports.insert(name.ident.to_string(), family.clone());
            }
        }
        UseTree::Rename(_) | UseTree::Glob(_) => {}
    }
}

fn string_enum(found: &ItemEnum, strings: &ItemImpl) -> Option<Strings> {
    let values = match constant(strings, "VALUES")? {
        Expr::Reference(list) => match &*list.expr {
            Expr::Array(list) => list.elems.iter().map(literal_text).collect::<Option<Vec<String>>>()?,
            _ => return None,
        },
        _ => return None,
    };
    let other = found.variants.last()?.ident.clone();
    let idents = found.variants.iter().map(|variant| variant.ident.clone());
    let is_open = constant(strings, "OPEN").is_some();
    Some(Strings { values: idents.zip(values).collect(), other: is_open.then_some(other) })
}

/// The variants of a union that are strings: `Self::Auto => w.string("auto")`.
fn unit_texts(encode: &ItemImpl) -> Option<HashMap<String, String>> {
    let Expr::Match(found) = method(encode, "encode")? else { return None };
    let texts = found.arms.iter().filter_map(|arm| {
        let (Pat::Path(variant), Expr::MethodCall(call)) = (&arm.pat, &*arm.body) else { return None };
        Some((variant.path.segments.last()?.ident.to_string(), literal_text(call.args.first()?)?))
    });
    Some(texts.collect())
}

/// The tag and the values that choose each variant, if nothing but the tag chooses:
/// `Ok(match r.tag("type")?.as_deref() { Some("a" | "b") => Self::A(r.decode()?), … _ => Self::Unknown(r.unknown()?) })`.
fn by_tag_alone(body: &Expr) -> Option<(String, HashMap<String, Vec<String>>)> {
    let Expr::Call(ok) = body else { return None };
    let Expr::Match(found) = ok.args.first()? else { return None };
    let Expr::MethodCall(as_deref) = &*found.expr else { return None };
    let Expr::Try(tried) = &*as_deref.receiver else { return None };
    let Expr::MethodCall(call) = &*tried.expr else { return None };
    if call.method != "tag" {
        return None;
    }
    let tag = literal_text(call.args.first()?)?;
    let mut variants: HashMap<String, Vec<String>> = HashMap::new();
    let (last, arms) = found.arms.split_last()?;
    for arm in arms {
        let Pat::TupleStruct(some) = &arm.pat else { return None };
        let values = match some.elems.first()? {
            Pat::Lit(value) => vec![text(&value.lit)?],
            Pat::Or(either) => {
                either.cases.iter().map(|case| if let Pat::Lit(value) = case { text(&value.lit) } else { None }).collect::<Option<_>>()?
            }
            _ => return None,
        };
        variants.entry(decoded_variant(&arm.body)?).or_default().extend(values);
    }
    let takes_rest = matches!(&last.pat, Pat::Wild(_));
    takes_rest.then_some((tag, variants))
}

/// The variant that `Self::A(r.decode()?)` makes.
fn decoded_variant(body: &Expr) -> Option<String> {
    let Expr::Call(call) = body else { return None };
    let Expr::Path(path) = &*call.func else { return None };
    Some(path.path.segments.last()?.ident.to_string())
}

/// Wire names and flags of `&[Field { name: "id", flags: 1, values: &[] }, …]`.
fn declared(fields: &Expr) -> Option<Vec<(String, u8)>> {
    let Expr::Reference(list) = fields else { return None };
    let Expr::Array(list) = &*list.expr else { return None };
    list.elems.iter().map(declared_field).collect()
}

fn declared_field(field: &Expr) -> Option<(String, u8)> {
    let Expr::Struct(field) = field else { return None };
    let member =
        |name: &str| field.fields.iter().find(|f| matches!(&f.member, syn::Member::Named(ident) if ident == name)).map(|f| &f.expr);
    let flags = match member("flags")? {
        Expr::Lit(flags) => match &flags.lit {
            Lit::Int(flags) => flags.base10_parse().ok()?,
            _ => return None,
        },
        _ => return None,
    };
    Some((literal_text(member("name")?)?, flags))
}

fn constant<'f>(found: &'f ItemImpl, name: &str) -> Option<&'f Expr> {
    found.items.iter().find_map(|item| match item {
        ImplItem::Const(constant) if constant.ident == name => Some(&constant.expr),
        _ => None,
    })
}

/// The expression that a method of one expression is.
fn method<'f>(found: &'f ItemImpl, name: &str) -> Option<&'f Expr> {
    found.items.iter().find_map(|item| match item {
        ImplItem::Fn(method) if method.sig.ident == name => match method.block.stmts.last() {
            Some(Stmt::Expr(expr, None)) => Some(expr),
            _ => None,
        },
        _ => None,
    })
}

fn literal_text(expr: &Expr) -> Option<String> {
    if let Expr::Lit(literal) = expr { text(&literal.lit) } else { None }
}

fn text(literal: &Lit) -> Option<String> {
    if let Lit::Str(text) = literal { Some(text.value()) } else { None }
}
