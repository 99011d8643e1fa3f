//! The command line.
use openai_generator::{diagnostics::*, load, lower, model, overlay, parse, resolve};
fn main() {
    let mut d = Diagnostics::default();
    let r = (|| {
        let ov = overlay::Overlay::read(&mut d, std::path::Path::new(&std::env::args().nth(2).unwrap()))?;
        let mut doc = load::load(&mut d, std::path::Path::new(&std::env::args().nth(1).unwrap()))?;
        ov.patch(&mut d, &mut doc.root);
        let low = lower::lower(&mut d, &doc)?;
        let p = parse::parse(&mut d, low)?;
        let g = resolve::resolve(&mut d, &p)?;
        let m = model::model(&mut d, &g, &ov)?;
        for o in &m.operations { println!("{} {} {}", o.verb, g.operations[o.index].path, o.name()); }
        let mut m = m; let f = openai_generator::analyze::analyze(&mut m, &ov); println!("reach {} twins {} reached twins {} boxed {:?}", f.reach.len(), f.twins.len(), f.reached_twins.len(), f.boxed);
 let n = openai_generator::names::names(&mut d, &m, &f, &ov)?; for (t,name) in &n.types { println!("T {name} {:?} {}", n.variants.get(t), m.get(*t).pointer); } for a in &n.aliases { println!("A {} {}", a.name, n.types[&a.target]); }
        Ok::<_, Failed>(m)
    })();
    for x in d.iter() { eprintln!("{x}"); }
    if let Ok(m) = r { println!("{} types", m.types.len()); }
}
