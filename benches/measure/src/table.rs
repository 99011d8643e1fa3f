//! Tables as text, and the middle of repeated measurements.

/// Prints a table in Markdown with its columns aligned: the first to the left, the others to the right.
pub fn print(title: &str, header: &[&str], rows: &[Vec<String>]) {
    println!("\n{title} (load {})\n", crate::machine::load());
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0)
    };
    let line = |cells: Vec<&str>| {
        let cells = cells.iter().enumerate().map(|(column, cell)| {
            let width = width(column);
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
    };
    line(header.to_vec());
    let rule: Vec<String> = (0..header.len()).map(|column| if column == 0 { "---".to_owned() } else { "---:".to_owned() }).collect();
    line(rule.iter().map(String::as_str).collect());
    for row in rows {
        line(row.iter().map(String::as_str).collect());
    }
}

/// The middle value of an odd number of measurements.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
