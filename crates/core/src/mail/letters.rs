//! Letters: renders contents into a subject and two bodies, plain text and HTML.

use super::{InvitationLetter, LetterContents, wording};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, syntax::SyntaxConfig, value::Serde};

/// Embeds the templates, each with its name.
macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("templates/", $name)))),*]
    };
}

const TEMPLATES: [(&str, &str); 27] = templates![
    "layout.html",
    "parts.html",
    "invitation/subject.txt",
    "invitation/preheader.txt",
    "invitation/body.txt",
    "invitation/body.html",
    "reminder/subject.txt",
    "reminder/body.txt",
    "reminder/body.html",
    "invitation_accepted/subject.txt",
    "invitation_accepted/body.txt",
    "invitation_accepted/body.html",
    "invitation_declined/subject.txt",
    "invitation_declined/body.txt",
    "invitation_declined/body.html",
    "code/subject.txt",
    "code/body.txt",
    "code/body.html",
    "webhook_disabled/subject.txt",
    "webhook_disabled/body.txt",
    "webhook_disabled/body.html",
    "password_reset/subject.txt",
    "password_reset/body.txt",
    "password_reset/body.html",
    "password_changed/subject.txt",
    "password_changed/body.txt",
    "password_changed/body.html",
];

/// Fonts that readers have installed, because mails load nothing. They are in single quotation marks, as they stand in
/// attributes.
const SANS: &str = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const SERIF: &str = "'Iowan Old Style',Palatino,'Palatino Linotype',Georgia,serif";

/// The renderer of letters. It is created once; the templates are compiled into the program.
pub struct Letters(Environment<'static>);

/// A rendered letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject: one line, without a link.
    pub subject: String,
    /// The plain text in 60 columns, except for long words such as URLs.
    pub text: String,
    pub html: String,
}

impl Letters {
    pub fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|name| match name.ends_with(".html") {
            true => AutoEscape::Html,
            false => AutoEscape::None,
        });
        environment.set_syntax(syntax());
        environment.add_filter("listed", wording::listed);
        environment.add_filter("mark", |name: String| wording::mark(&name));
        environment.add_filter("wrap", |text: String| wording::wrap(&text));
        environment.add_filter("fact", |text: String, label: String| wording::fact(&text, &label));
        environment.add_filter("quoted", |text: String, name: String| wording::quoted(&text, &name));
        environment.add_filter("broken", |text: String| Value::from_safe_string(escape(&text).replace('\n', "<br>")));
        environment.add_filter("address", |url: String| Value::from_safe_string(escape(&url)));
        environment.add_function("invites", wording::invites);
        environment.add_function("asked", wording::asked);
        environment.add_function("first_words", wording::first_words);
        environment.add_global("sans", Value::from_safe_string(SANS.to_owned()));
        environment.add_global("serif", Value::from_safe_string(SERIF.to_owned()));
        for (name, source) in TEMPLATES {
            environment.add_template(name, source).expect("a test renders every template");
        }
        Self(environment)
    }

    /// Renders the subject and both bodies.
    pub fn render(&self, contents: &LetterContents) -> Rendered {
        let render = |part: &str| {
            let name = format!("{}/{part}", contents.kind());
            let template = self.0.get_template(&name).expect("every kind has its three templates");
            template.render(Serde(contents)).expect("a test renders every template, with and without what is optional")
        };
        Rendered {
            subject: wording::one_line(&render("subject.txt")),
            text: render("body.txt"),
            html: render("body.html"),
        }
    }

    /// Returns what a list of mails shows of an invitation's letter, beside its subject.
    pub fn preheader(&self, letter: &InvitationLetter) -> String {
        let template = self.0.get_template("invitation/preheader.txt").expect("it is one of the templates");
        template.render(Serde(letter)).expect("it reads what the letter's other templates read")
    }

    /// Renders the letter without its secret, for people who may see the mail but are not its recipient.
    pub fn render_masked(&self, contents: &LetterContents) -> Rendered {
        let rendered = self.render(contents);
        match contents.secret() {
            Some(secret) => rendered.without_links(secret),
            None => rendered,
        }
    }
}

/// Returns the syntax in which a line that contains only a block leaves no empty line behind.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().expect("the delimiters are the usual ones")
}

impl Default for Letters {
    fn default() -> Self {
        Self::new()
    }
}

impl Rendered {
    /// Returns the letter with `vst_•••` in place of the token in `secret`, which is a code or a link with a token at
    /// its end.
    pub fn without_links(&self, secret: &str) -> Self {
        let token = secret.rsplit(['/', '=', '#']).next().unwrap_or(secret);
        if token.is_empty() {
            return self.clone();
        }
        let prefix = token.find('_').map_or("", |at| &token[..=at]);
        let mask = |text: &str| text.replace(token, &format!("{prefix}•••"));
        Self { subject: mask(&self.subject), text: mask(&self.text), html: mask(&self.html) }
    }
}

/// Escapes text for HTML content and attributes. Unlike the template engine's own function it leaves `/`, so that URLs
/// remain readable in the source.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
