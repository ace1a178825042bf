//! Email addresses as people paste them: one per line, or separated by commas and semicolons, bare or as
//! `Ada <ada@x.org>`.

/// One piece of the pasted text: an email address as written, and the name next to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    pub name: Option<String>,
    pub address: String,
}

/// Splits the text into recipients, in the order written. Nothing is validated: what is not an email address is
/// returned as it was written, so that it can be shown together with what is wrong.
pub fn split(text: &str) -> Vec<Recipient> {
    let mut pieces = Vec::new();
    let (mut piece, mut quoted, mut angle) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '<' if !quoted => angle = true,
            '>' if !quoted => angle = false,
            '\n' | '\r' => {
                (quoted, angle) = (false, false);
                pieces.push(std::mem::take(&mut piece));
                continue;
            }
            ';' | '\t' if !quoted => {
                pieces.push(std::mem::take(&mut piece));
                continue;
            }
            ',' if !quoted && !angle && piece.contains('@') && !is_slip(&piece) => {
                pieces.push(std::mem::take(&mut piece));
                continue;
            }
            _ => {}
        }
        piece.push(c);
    }
    pieces.push(piece);
    pieces.iter().flat_map(|piece| recipients_in(piece)).collect()
}

/// Checks whether the piece is like `ludmila@example` before a comma: then the comma is a typing error for a full stop.
fn is_slip(piece: &str) -> bool {
    piece.rsplit_once('@').is_some_and(|(_, domain)| !domain.is_empty() && !domain.contains(['.', '>', ' ']))
}

fn recipients_in(piece: &str) -> Vec<Recipient> {
    let piece = piece.trim().trim_end_matches([',', ';']).trim();
    if piece.is_empty() {
        return Vec::new();
    }
    if let Some((name, rest)) = piece.split_once('<') {
        let name = name.trim().trim_matches('"').trim();
        let address = rest.split('>').next().unwrap_or(rest).trim();
        return vec![recipient((!name.is_empty()).then_some(name), address)];
    }
    // several bare email addresses with only spaces in between
    let words: Vec<&str> = piece.split_whitespace().collect();
    if words.len() > 1 && words.iter().all(|word| word.contains('@')) {
        return words.into_iter().map(|word| recipient(None, word)).collect();
    }
    vec![recipient(None, piece)]
}

fn recipient(name: Option<&str>, address: &str) -> Recipient {
    let address = address.strip_prefix("mailto:").unwrap_or(address);
    Recipient { name: name.map(str::to_owned), address: address.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Vec<(Option<String>, String)> {
        split(text).into_iter().map(|r| (r.name, r.address)).collect()
    }

    #[test]
    fn any_shape_that_people_paste_is_cut_into_recipients() {
        let ada = || (Some("Ada".to_owned()), "ada@x.org".to_owned());
        let bob = || (None, "bob@y.org".to_owned());
        for text in [
            "Ada <ada@x.org>; bob@y.org",
            "Ada <ada@x.org>, bob@y.org",
            "\"Ada\" <ada@x.org>\r\n\r\nbob@y.org\n",
            "Ada <ada@x.org>\tbob@y.org,",
        ] {
            assert_eq!(shape(text), [ada(), bob()], "{text:?}");
        }
        assert_eq!(shape("a@x.org b@x.org,c@x.org").len(), 3);
        assert_eq!(shape("\"Byrne, Ada\" <ada@x.org>"), [(Some("Byrne, Ada".to_owned()), "ada@x.org".to_owned())]);
        assert_eq!(shape("Byrne, Ada <ada@x.org>"), [(Some("Byrne, Ada".to_owned()), "ada@x.org".to_owned())]);
        assert_eq!(shape(" , ;\n "), []);
    }

    #[test]
    fn what_is_no_address_is_kept_as_written() {
        assert_eq!(shape("ludmila@example,org"), [(None, "ludmila@example,org".to_owned())]);
        assert_eq!(shape("just a name"), [(None, "just a name".to_owned())]);
    }
}
