//! An email address in full: it can break before the @ and before the dots of its domain, and is never truncated.

use leptos::prelude::*;

/// Shows an email address, isolated from the direction of the text around it.
#[component]
pub fn Address(#[prop(into)] address: String) -> impl IntoView {
    let mut pieces = pieces(&address).into_iter();
    let first = pieces.next();
    view! {
        <bdi>
            {first}
            {pieces.map(|piece| view! { <wbr/>{piece} }).collect_view()}
        </bdi>
    }
}

/// Splits `a.b@c.example` into `a.b`, `@c` and `.example`.
fn pieces(address: &str) -> Vec<String> {
    let Some((local, domain)) = address.split_once('@') else {
        return vec![address.to_owned()];
    };
    let mut labels = domain.split('.');
    let first = format!("@{}", labels.next().unwrap_or_default());
    [local.to_owned(), first].into_iter().chain(labels.map(|label| format!(".{label}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_breaks_before_the_at_sign_and_the_dots_of_its_domain() {
        assert_eq!(pieces("a.b@c.d.example"), ["a.b", "@c", ".d", ".example"]);
        assert_eq!(pieces("no address"), ["no address"]);
    }
}
