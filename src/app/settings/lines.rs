//! Lists that are entered with one entry per line, and the errors in their lines.

use vestibule_domain::Violation;

/// The largest number of wrong lines that are named individually.
const MOST: usize = 3;

/// The text of such a list: each line that is not empty, with its number.
pub struct Lines(Vec<(usize, String)>);

impl Lines {
    pub fn of(text: &str) -> Self {
        let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        Self(lines.map(|(index, line)| (index + 1, line.to_owned())).collect())
    }

    pub fn entries(&self) -> Vec<String> {
        self.0.iter().map(|(_, line)| line.clone()).collect()
    }

    /// Combines the violations of single entries, like `allowed_domains[2]`, into one at `field` that names the lines.
    /// Other violations are unchanged.
    pub fn gather(&self, field: &'static str, violations: Vec<Violation>) -> Vec<Violation> {
        let (wrong, mut others): (Vec<_>, Vec<_>) =
            violations.into_iter().partition(|violation| index(field, violation).is_some());
        let Some(first) = wrong.first() else { return others };
        let mut sentence: Vec<String> = wrong.iter().take(MOST).map(|wrong| self.told(field, wrong)).collect();
        match wrong.len().saturating_sub(MOST) {
            0 => {}
            1 => sentence.push("One more line is like this.".to_owned()),
            more => sentence.push(format!("{more} more lines are like this.")),
        }
        others.push(Violation::new(field, first.code.clone(), sentence.join(" ")));
        others
    }

    fn told(&self, field: &str, wrong: &Violation) -> String {
        let line = index(field, wrong).and_then(|index| self.0.get(index)).map_or(0, |(number, _)| *number);
        format!("Line {line}: {}", wrong.sentence)
    }
}

/// Returns the index of the wrong entry, if the violation is about an entry of this field.
fn index(field: &str, violation: &Violation) -> Option<usize> {
    violation.field.strip_prefix(field)?.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(field: String) -> Violation {
        Violation::new(field, "domain", "Write a domain.")
    }

    #[test]
    fn lines_are_told_by_the_numbers_that_their_writer_sees() {
        let lines = Lines::of("\n a.example \r\n\r\nno domain\n");
        assert_eq!(lines.entries(), ["a.example", "no domain"]);
        let told = lines.gather("domains", vec![wrong("domains[1]".into()), wrong("name".into())]);
        assert_eq!(told.iter().map(|told| &*told.field).collect::<Vec<_>>(), ["name", "domains"]);
        assert_eq!(told[1].sentence, "Line 4: Write a domain.");
    }

    #[test]
    fn of_many_wrong_lines_a_few_are_told() {
        let lines = Lines::of(&"x\n".repeat(5));
        let told = lines.gather("domains", (0..5).map(|index| wrong(format!("domains[{index}]"))).collect());
        let sentence =
            "Line 1: Write a domain. Line 2: Write a domain. Line 3: Write a domain. 2 more lines are like this.";
        assert_eq!(told, [Violation::new("domains", "domain", sentence)]);
    }
}
