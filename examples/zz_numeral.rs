//! Temporary looking glass for development only.
fn main() {
    for line in std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap().lines() {
        println!("{line}");
        for f in testimony::numeral::figures(line) {
            println!("      {:?} [{}] {}", f.kind, &line[f.start..f.end], f.quantity);
        }
    }
}
