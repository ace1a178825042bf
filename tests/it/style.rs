//! The colours keep their promises: every pair of words and ground reaches its contrast, by day and by night.
//! The figures are WCAG 2.2's relative luminance, computed from `style/tokens.css` itself.

use std::{collections::BTreeMap, fs, path::Path};

/// Everything that words may lie on.
const GROUNDS: &[&str] = &["paper", "surface", "surface-sunk", "surface-raised", "surface-hover", "surface-picked"];
const STATUSES: &[&str] = &["pending", "accepted", "declined", "revoked", "expired"];
const ACCENTS: &[&str] = &["fir", "brick", "mulberry", "slate"];
/// WCAG 1.4.3 for words, 1.4.11 for shapes.
const WORDS: f64 = 4.5;
const SHAPES: f64 = 3.0;

#[derive(Clone, Copy, Debug)]
enum Theme {
    Day,
    Night,
}

const THEMES: [Theme; 2] = [Theme::Day, Theme::Night];

/// A foreground, the grounds it stands on, and what it needs.
struct Row {
    front: String,
    grounds: Vec<String>,
    needs: f64,
}

impl Row {
    fn new(front: &str, grounds: &[&str], needs: f64) -> Self {
        Self { front: front.to_owned(), grounds: grounds.iter().map(|&ground| ground.to_owned()).collect(), needs }
    }
}

#[test]
fn every_colour_reads_on_every_ground_by_day_and_by_night() {
    let palette = Palette::load(None);
    let failures: Vec<String> = rows().iter().flat_map(|row| palette.failures(row)).collect();
    assert!(failures.is_empty(), "too little contrast:\n{}", failures.join("\n"));
}

#[test]
fn every_accent_reads_on_every_ground_by_day_and_by_night() {
    for accent in ACCENTS {
        let palette = Palette::load(Some(accent));
        let failures: Vec<String> = accent_rows().iter().flat_map(|row| palette.failures(row)).collect();
        assert!(failures.is_empty(), "too little contrast in {accent}:\n{}", failures.join("\n"));
    }
}

#[test]
fn luminance_agrees_with_known_colours() {
    let cases = [
        ("oklch(1 0 0)", "oklch(0 0 0)", 21.0),
        // #767676 on white, the well-known grey that just passes for words.
        ("oklch(0.5652 0 0)", "oklch(1 0 0)", 4.54),
        // #0000ff on white.
        ("oklch(0.452 0.313 264.05)", "oklch(1 0 0)", 8.59),
    ];
    for (front, back, expected) in cases {
        let found = contrast(luminance(front), luminance(back));
        assert!((found - expected).abs() < 0.05, "{front} on {back}: {found}, not {expected}");
    }
}

fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> =
        ["ink", "ink-2", "ink-3", "link"].iter().map(|ink| Row::new(ink, GROUNDS, WORDS)).collect();
    rows.extend(accent_rows());
    rows.push(Row::new("on-danger", &["danger-fill"], WORDS));
    rows.extend(STATUSES.iter().map(|status| {
        let mut row = Row::new(status, GROUNDS, WORDS);
        row.grounds.push(format!("{status}-soft"));
        row
    }));
    // The toast is written the other way round: paper on ink.
    rows.push(Row::new("paper", &["ink"], WORDS));
    rows.push(Row::new("line-control", GROUNDS, SHAPES));
    rows.push(Row::new("focus", GROUNDS, SHAPES));
    rows.push(Row::new("focus", &["accent-soft"], SHAPES));
    rows
}

/// What an organization's own accent replaces.
fn accent_rows() -> Vec<Row> {
    vec![
        Row::new("on-accent", &["accent", "accent-strong"], WORDS),
        Row::new("accent-strong", &["accent-soft"], WORDS),
        Row::new("link", GROUNDS, WORDS),
        Row::new("accent", GROUNDS, SHAPES),
    ]
}

#[test]
fn letters_have_the_accent_of_the_pages_and_read_as_well() {
    let palette = Palette::load(None);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/core/src/mail/templates");
    let [layout, parts] =
        ["layout.html", "parts.html"].map(|name| fs::read_to_string(root.join(name)).expect("readable"));
    let colour = |name, theme| hex(linear(&palette.colour(name, theme)));
    let (accent, link) = (colour("accent", Theme::Day), colour("link", Theme::Day));
    assert_eq!(parts.matches(&format!("bgcolor=\"{accent}\"")).count(), 2, "the mark and the button are {accent}");
    let linked = format!("class=\"v-link\" href=\"{{{{ url|address }}}}\" style=\"color:{link};");
    assert!(parts.contains(&linked), "no {linked}");
    let (accent, on_accent) = (colour("accent", Theme::Night), colour("on-accent", Theme::Night));
    assert!(layout.contains(&format!("background-color: {accent} !important; color: {on_accent} !important;")));
    assert!(layout.contains(&format!(".v-link {{ color: {} !important; }}", colour("link", Theme::Night))));
    let cards = [("#ffffff", Theme::Day), ("#151a20", Theme::Night)];
    for (card, theme) in cards {
        assert!(layout.contains(card), "the card is {card}");
        let found = contrast(relative(from_hex(card)), palette.luminance("link", theme));
        assert!(found >= WORDS, "the link on the card, {theme:?}: {found:.2}");
    }
}

/// The custom properties in force, by name without the dashes.
struct Palette(BTreeMap<String, String>);

impl Palette {
    /// The root's tokens, with those of `accent` laid over them.
    fn load(accent: Option<&str>) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("style/tokens.css");
        let css = without_comments(&fs::read_to_string(path).expect("style/tokens.css is readable"));
        let mut tokens = declarations(block(&css, ":root {"));
        if let Some(accent) = accent {
            tokens.extend(declarations(block(&css, &format!("[data-accent=\"{accent}\"] {{"))));
        }
        Self(tokens)
    }

    fn failures(&self, row: &Row) -> Vec<String> {
        let pairs = row.grounds.iter().flat_map(|ground| THEMES.map(|theme| (ground, theme)));
        pairs
            .filter_map(|(ground, theme)| {
                let found = contrast(self.luminance(&row.front, theme), self.luminance(ground, theme));
                (found < row.needs)
                    .then(|| format!("--{} on --{ground}, {theme:?}: {found:.2}, needs {}", row.front, row.needs))
            })
            .collect()
    }

    fn luminance(&self, name: &str, theme: Theme) -> f64 {
        luminance(&self.colour(name, theme))
    }

    /// The `oklch()` of a token.
    fn colour(&self, name: &str, theme: Theme) -> String {
        let value = self.0.get(name).unwrap_or_else(|| panic!("style/tokens.css has no --{name}"));
        if let Some(alias) = value.strip_prefix("var(--").and_then(|rest| rest.strip_suffix(')')) {
            return self.colour(alias, theme);
        }
        let Some(pair) = value.strip_prefix("light-dark(").and_then(|rest| rest.strip_suffix(')')) else {
            return value.clone();
        };
        let (day, night) = pair.split_once("), ").unwrap_or_else(|| panic!("--{name} has one colour: {value}"));
        match theme {
            Theme::Day => format!("{day})"),
            Theme::Night => night.to_owned(),
        }
    }
}

fn without_comments(css: &str) -> String {
    css.split("/*").map(|part| part.split_once("*/").map_or(part, |(_, rest)| rest)).collect()
}

/// The text between the first `opening` and the brace that ends it; token blocks hold no others.
fn block<'a>(css: &'a str, opening: &str) -> &'a str {
    let (_, rest) = css.split_once(opening).unwrap_or_else(|| panic!("style/tokens.css has no {opening}"));
    rest.split_once('}').map_or(rest, |(body, _)| body)
}

fn declarations(body: &str) -> BTreeMap<String, String> {
    body.split(';')
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// Relative luminance, 0 to 1, of an opaque `oklch(lightness chroma hue)`.
fn luminance(oklch: &str) -> f64 {
    relative(linear(oklch))
}

/// Relative luminance of linear red, green and blue.
fn relative([red, green, blue]: [f64; 3]) -> f64 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Linear red, green and blue as a mail writes the colour.
fn hex(linear: [f64; 3]) -> String {
    let written =
        linear.map(|part| if part <= 0.003_130_8 { 12.92 * part } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 });
    let bytes = written.map(|part| (0..=u8::MAX).find(|byte| f64::from(*byte) + 0.5 > part * 255.0).unwrap_or(u8::MAX));
    format!("#{}", bytes.map(|byte| format!("{byte:02x}")).concat())
}

fn from_hex(colour: &str) -> [f64; 3] {
    [1, 3, 5].map(|at| {
        let part = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("two digits")) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    })
}

/// Linear red, green and blue, 0 to 1, of an opaque `oklch(lightness chroma hue)`, clipped to what sRGB can show.
/// The matrices are Björn Ottosson's, as in CSS Color 4.
fn linear(oklch: &str) -> [f64; 3] {
    let inner = oklch.strip_prefix("oklch(").and_then(|rest| rest.strip_suffix(')'));
    let numbers: Vec<f64> = inner.unwrap_or_default().split_whitespace().flat_map(str::parse).collect();
    let &[lightness, chroma, hue] = numbers.as_slice() else { panic!("not an opaque oklch(): {oklch}") };
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let middle = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    let red = 4.076_741_662_1 * long - 3.307_711_591_3 * middle + 0.230_969_929_2 * short;
    let green = -1.268_438_004_6 * long + 2.609_757_401_1 * middle - 0.341_319_396_5 * short;
    let blue = -0.004_196_086_3 * long - 0.703_418_614_7 * middle + 1.707_614_701_0 * short;
    [red, green, blue].map(|part: f64| part.clamp(0.0, 1.0))
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}
