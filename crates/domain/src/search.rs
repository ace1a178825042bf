//! How people are found by a few words, the same in every list and in both databases. What is stored and what is asked
//! for is folded: small letters without accents, in words. So `björk` is found by `Bjork`, and `Øyvind` by `oyvind`.

use unicode_normalization::{UnicodeNormalization as _, char::canonical_combining_class};

/// The most words that are looked for one by one. All further ones have to follow each other as they were written.
const MOST_WORDS: usize = 8;
/// A word with fewer letters has to begin a word of what is found: there are too many in the middle of others.
const SHORT: usize = 3;

/// Returns the text as it is stored for the search: its letters and digits, small and without accents, with a space
/// before each word and after the last. Whatever is neither a letter nor a digit ends a word. Each ideograph is a word.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 4);
    let mut is_in_word = false;
    let letters = text.nfkd().filter(|letter| canonical_combining_class(*letter) == 0).flat_map(char::to_lowercase);
    for letter in letters.filter(|letter| canonical_combining_class(*letter) == 0) {
        if !letter.is_alphanumeric() {
            is_in_word = false;
            continue;
        }
        let is_ideograph = is_ideograph(letter);
        if !is_in_word || is_ideograph {
            folded.push(' ');
        }
        is_in_word = !is_ideograph;
        match plain(letter) {
            Some(letters) => folded.push_str(letters),
            None => folded.push(letter),
        }
    }
    if !folded.is_empty() {
        folded.push(' ');
    }
    folded
}

/// Returns the letters that people without this one on their keyboard write. Unicode takes accents off letters, but not
/// strokes.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ł' => "l",
        'ŧ' => "t",
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}

/// Checks whether the letter stands for a word, so that no space is written between it and the next one.
fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// A word to look for in folded texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchWord {
    /// What a folded text has if it has the word: with a space before it if it has to begin a word, and with one after it
    /// if it has to end one.
    part: String,
}

impl SearchWord {
    /// Returns the words of what a person typed. What is found has all of them. There are none if nothing can be found
    /// by the text.
    pub fn all(text: &str) -> Vec<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ").splitn(MOST_WORDS, ' ').filter_map(Self::of).collect()
    }

    fn of(typed: &str) -> Option<Self> {
        let part = part_of(typed);
        let word = part.trim();
        let begins = word.chars().next().is_some_and(is_ideograph) || word.chars().count() < SHORT;
        match word.is_empty() {
            true => None,
            false if begins && !part.starts_with(' ') => Some(Self { part: format!(" {part}") }),
            false => Some(Self { part }),
        }
    }

    /// Returns what a folded text has if it has the word.
    pub fn part(&self) -> String {
        self.part.clone()
    }

    /// Returns the pattern for `like` that the folded texts match which have the word. It needs no escape.
    pub fn pattern(&self) -> String {
        format!("%{}%", self.part)
    }

    /// Checks whether the word begins one of this folded text.
    pub fn begins_one_of(&self, folded: &str) -> bool {
        folded.contains(&format!(" {}", self.part.trim_start()))
    }
}

/// Returns what the folded form of every text has that contains this one.
pub fn part_of(text: &str) -> String {
    let folded = folded(text);
    let mut part = folded.trim();
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    if !part.is_empty() {
        let begins = usize::from(!is_letter(text.chars().next()));
        let ends = usize::from(!is_letter(text.chars().next_back()));
        part = &folded[1 - begins..folded.len() - 1 + ends];
    }
    part.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_lose_their_case_and_accents() {
        for (text, stored) in [
            ("Maren.Castillo@example.com Maren Castillo", " maren castillo example com maren castillo "),
            ("Björk Guðmundsdóttir", " bjork gudmundsdottir "),
            ("Øyvind Łukasz Straße", " oyvind lukasz strasse "),
            ("İstanbul ıssız", " istanbul issiz "),
            ("ΟΔΥΣΣΕΥΣ Οδυσσεύς", " οδυσσευσ οδυσσευσ "),
            ("Пётр Йович", " петр иович "),
            ("王小明", " 王 小 明 "),
            ("O'Brien-Smith", " o brien smith "),
            ("ﬁnn Ｗｉｄｅ", " finn wide "),
            ("हिन्दी", " हिनदी "),
            (" @ - ", ""),
        ] {
            assert_eq!(folded(text), stored, "{text}");
        }
    }

    #[test]
    fn short_words_and_ideographs_begin_a_word_and_others_stand_anywhere() {
        for (typed, patterns) in [
            ("CASTILLO", &["%castillo%"][..]),
            ("  ca\tLi ", &["% ca%", "% li%"]),
            ("castillo@ex", &["%castillo ex%"]),
            ("@example.com", &["% example com%"]),
            ("grace@", &["%grace %"]),
            ("j.", &["% j %"]),
            ("小明", &["% 小 明%"]),
            ("Bjö 100%_", &["%bjo%", "%100 %"]),
            ("@ %", &[]),
        ] {
            let found: Vec<String> = SearchWord::all(typed).iter().map(SearchWord::pattern).collect();
            assert_eq!(found, patterns, "{typed}");
        }
    }

    #[test]
    fn words_are_few() {
        let many = SearchWord::all(&"a ".repeat(150));
        assert_eq!((many.len(), many[7].part.len()), (8, 285));
    }

    proptest! {
        #[test]
        fn a_text_has_all_of_its_own_words(text in "\\PC{0,40}") {
            let stored = folded(&text);
            for word in SearchWord::all(&text) {
                prop_assert!(stored.contains(&word.part()), "{stored:?} {word:?}");
            }
        }

        #[test]
        fn a_part_of_an_address_is_in_what_is_stored_of_it(address in "[a-z0-9.@_+-]{1,30}", from in 0..30_usize, to in 0..30_usize) {
            let (from, to) = (from.min(address.len()), to.min(address.len()));
            let part = &address[from.min(to)..from.max(to)];
            let (stored, part) = (folded(&address), part_of(part));
            prop_assert!(stored.contains(&part), "{stored:?} {part:?}");
        }
    }
}
