//! Temporary looking glass for development only.
fn main() {
    for line in std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap().lines() {
        println!("{line}");
        for f in testimony::numeral::figures(line) {
            println!("      {:?} [{}] {}", f.kind, &line[f.start..f.end], f.quantity);
        }
        for w in testimony::numeral::dates(line, "2025-08-14".parse().ok()) {
            println!("      WHEN [{}] {} {}", &line[w.start..w.end], w.period, w.relative);
        }
    }
}
