//! A letter in light or dark, whatever the reader's system prefers.

use std::str::FromStr;

/// The colours in which a letter is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    #[default]
    Light,
    Dark,
}

/// The text names no scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownScheme;

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(text: &str) -> Result<Self, UnknownScheme> {
        match text {
            "light" => Ok(Self::Light),
            "dark" => Ok(Self::Dark),
            _ => Err(UnknownScheme),
        }
    }
}

impl Scheme {
    /// Returns the letter as a mail program shows it that prefers these colours. Only the layout's own styles are
    /// changed, which stand between the title and the end of the head.
    pub fn applied_to(self, html: &str) -> String {
        let parts = html.split_once("</title>").and_then(|(title, rest)| Some((title, rest.split_once("</head>")?)));
        let Some((title, (styles, body))) = parts else { return html.to_owned() };
        let (name, medium) = match self {
            Self::Light => ("light", "not all"),
            Self::Dark => ("dark", "all"),
        };
        let styles = styles.replace("(prefers-color-scheme: dark)", medium).replace("light dark", name);
        format!("{title}</title>{styles}</head>{body}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTML: &str = concat!(
        "<title>light dark</title>",
        include_str!("templates/layout.html"),
        "<p>@media (prefers-color-scheme: dark), light dark</p>"
    );

    #[test]
    fn nothing_of_the_layout_depends_on_the_system() {
        // the layout's own title is the second one
        let (_, layout) = HTML.split_once("\n<title>").unwrap();
        let layout = format!("<title>{layout}");
        for (scheme, medium, name) in
            [(Scheme::Light, "@media not all {", "light"), (Scheme::Dark, "@media all {", "dark")]
        {
            let shown = scheme.applied_to(&layout);
            let (head, _) = shown.split_once("</head>").unwrap();
            assert!(!head.contains("prefers") && !head.contains("light dark"), "{head}");
            assert!(head.contains(medium) && head.contains(&format!("{{ color-scheme: {name};")), "{head}");
        }
    }

    #[test]
    fn what_people_wrote_stays_as_it_is() {
        let shown = Scheme::Dark.applied_to(HTML);
        assert!(shown.starts_with("<title>light dark</title>"));
        assert!(shown.ends_with("<p>@media (prefers-color-scheme: dark), light dark</p>"));
    }
}
