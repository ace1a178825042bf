//! The commands of a request: lists of steps, each about one user. Errors are kept with their command, so that the
//! other commands are executed.

use super::fault::{Fault, VendorResult};
use super::problem::Problem;
use serde_json::{Map, Value};
use vestibule_domain::EmailAddress;

/// The largest number of commands per request, and of steps per command.
const MOST: usize = 10;
/// The longest user name and the longest name of a person, in characters.
const LONGEST: usize = 250;
/// The longest email address in characters (since 2017; 64 before).
const LONGEST_EMAIL: usize = 60;
/// The country codes of ISO 3166-1, in capitals.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET \
    FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ \
    IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML \
    MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS \
    PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL \
    TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// The steps to execute for one user.
#[derive(Debug, Default)]
pub struct Command {
    pub user: Option<String>,
    /// The domain of a user who is named without one.
    pub domain: Option<String>,
    pub request_id: Option<String>,
    pub steps: Vec<CommandStep>,
    /// The errors, each with its step. Errors in the command as a whole have step 0.
    pub problems: Vec<(usize, Problem)>,
}

/// One step of a command.
#[derive(Debug, PartialEq, Eq)]
pub enum CommandStep {
    Invite(Create),
    Remove { deletes_account: bool },
}

/// The values of `addAdobeID`: the person to invite.
#[derive(Debug, PartialEq, Eq)]
pub struct Create {
    pub email: String,
    /// First and last name together.
    pub name: Option<String>,
    /// Whether it is not an error if the user is already invited or a member.
    pub may_exist: bool,
}

type Read<T> = Result<T, Problem>;

/// Parses the commands of a request. Fails unless the body is a list of 1 to 10 objects.
pub fn read(bytes: &[u8]) -> VendorResult<Vec<Command>> {
    let body: Value = serde_json::from_slice(bytes).map_err(|_| Fault::malformed("The body is not JSON."))?;
    match body {
        Value::Array(items) if (1..=MOST).contains(&items.len()) => items.into_iter().map(Command::read).collect(),
        _ => Err(Fault::malformed("The body must be an array of 1 to 10 commands.")),
    }
}

impl Command {
    fn read(item: Value) -> VendorResult<Self> {
        let Value::Object(map) = item else { return Err(Fault::malformed("A command must be an object.")) };
        let mut command = Self::default();
        let text = |name| text(&map, name, LONGEST, "error.command.string_expected");
        command.request_id = command.keep(0, text("requestID")).flatten();
        command.user = command.keep(0, text("user").and_then(required)).flatten();
        command.domain = command.keep(0, text("domain")).flatten();
        command.keep(0, yes_or_no(&map, "useAdobeID"));
        match map.get("do") {
            Some(Value::Array(steps)) if !steps.is_empty() => command.read_steps(steps),
            _ => command.refuse(0, "error.command.steps.malformed", "do must be a list of steps."),
        }
        Ok(command)
    }

    fn read_steps(&mut self, steps: &[Value]) {
        if steps.len() > MOST {
            self.refuse(0, "error.command.add_remove.list_too_long", "do can have at most 10 steps.");
            return;
        }
        let mut has_create = false;
        for (number, step) in steps.iter().enumerate() {
            let Some((name, value)) = only(step) else {
                self.refuse(number, "error.command.steps.malformed", "A step must be an object with one name.");
                continue;
            };
            let is_create = is_create(name);
            if is_create && has_create {
                self.refuse(number, "error.command.create.more_than_one", "A command can create only one user.");
            } else if is_create && number > 0 {
                self.refuse(number, "error.command.create.not_first", "The step that creates a user must be first.");
            }
            has_create |= is_create;
            let step = self.keep(number, CommandStep::read(name, value));
            self.steps.extend(step);
        }
    }

    /// Records an error for a step.
    fn refuse(&mut self, step: usize, code: &'static str, message: &str) {
        self.problems.push((step, Problem::new(code, message)));
    }

    /// Returns what was read, or records its error for a step.
    fn keep<T>(&mut self, step: usize, read: Read<T>) -> Option<T> {
        read.map_err(|problem| self.problems.push((step, problem))).ok()
    }
}

/// Returns the name and the value of a step, if it has exactly one.
fn only(step: &Value) -> Option<(&str, &Value)> {
    let mut entries = step.as_object()?.iter();
    let (name, value) = entries.next()?;
    entries.next().is_none().then_some((name, value))
}

fn is_create(name: &str) -> bool {
    matches!(name, "addAdobeID" | "createEnterpriseID" | "createFederatedID")
}

impl CommandStep {
    fn read(name: &str, value: &Value) -> Read<Self> {
        match (name, value) {
            ("addAdobeID", Value::Object(map)) => Create::read(map).map(Self::Invite),
            ("addAdobeID", _) => {
                Err(Problem::new("error.command.create.object_expected", "addAdobeID must be an object."))
            }
            ("removeFromOrg", Value::Object(map)) => {
                Ok(Self::Remove { deletes_account: yes_or_no(map, "deleteAccount")?.unwrap_or(false) })
            }
            ("removeFromOrg", _) => {
                Err(Problem::new("error.command.steps.malformed", "removeFromOrg must be an object."))
            }
            _ => {
                let message = format!("The step {name} is not supported: there are no groups, profiles or domains.");
                Err(Problem::new("error.command.step.unknown", message))
            }
        }
    }
}

impl Create {
    fn read(map: &Map<String, Value>) -> Read<Self> {
        const NAMES: [&str; 5] = ["email", "country", "firstname", "lastname", "option"];
        if let Some(name) = map.keys().find(|name| !NAMES.contains(&name.as_str())) {
            let message = format!("addAdobeID has no {name}.");
            return Err(Problem::new("error.command.create.key.unknown", message));
        }
        let text = |name, longest| text(map, name, longest, "error.command.create.string_expected");
        let email = text("email", LONGEST_EMAIL)?.unwrap_or_default();
        if let Err(refused) = EmailAddress::parse(&email) {
            return Err(Problem::new("error.user.email.invalid", refused.to_string()));
        }
        if let Some(country) = text("country", LONGEST)?
            && !COUNTRIES.split(' ').any(|code| code == country)
        {
            let message = "country must be two capital letters, as in ISO 3166.";
            return Err(Problem::new("error.country.invalid", message));
        }
        let name = [text("firstname", LONGEST)?, text("lastname", LONGEST)?].map(Option::unwrap_or_default).join(" ");
        let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        Ok(Self { email, name, may_exist: may_exist(text("option", LONGEST)?.as_deref())? })
    }
}

fn may_exist(option: Option<&str>) -> Read<bool> {
    match option {
        None => Ok(false),
        Some("ignoreIfAlreadyExists" | "updateIfAlreadyExists") => Ok(true),
        Some(_) => {
            let message = "option must be ignoreIfAlreadyExists or updateIfAlreadyExists.";
            Err(Problem::new("error.option.illegal", message))
        }
    }
}

fn required(user: Option<String>) -> Read<Option<String>> {
    let message = "A command must name its user. There are no user groups here.";
    match user.is_none() {
        true => Err(Problem::new("error.command.user.missing", message)),
        false => Ok(user),
    }
}

/// Returns a text of at most `longest` characters. Null and an empty text count as absent.
fn text(map: &Map<String, Value>, name: &str, longest: usize, otherwise: &'static str) -> Read<Option<String>> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() > longest => {
            let message = format!("{name} can have at most {longest} characters.");
            Err(Problem::new("error.command.string.too_long", message))
        }
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(Problem::new(otherwise, format!("{name} must be a string."))),
    }
}

fn yes_or_no(map: &Map<String, Value>, name: &str) -> Read<Option<bool>> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(_) => Err(Problem::new("error.command.boolean_expected", format!("{name} must be true or false."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes(command: Value) -> Vec<(usize, &'static str)> {
        let commands = read(&serde_json::to_vec(&json!([command])).unwrap()).unwrap();
        commands[0].problems.iter().map(|(step, problem)| (*step, problem.code)).collect()
    }

    #[test]
    fn everything_that_is_wrong_with_a_command_is_told() {
        let good = json!({ "addAdobeID": { "email": "a@example.com" } });
        let of = |steps: Value| codes(json!({ "user": "a@example.com", "do": steps }));
        assert_eq!(of(json!([good])), []);
        assert_eq!(of(json!([good, good])), [(1, "error.command.create.more_than_one")]);
        assert_eq!(of(json!([{ "removeFromOrg": {} }, good])), [(1, "error.command.create.not_first")]);
        assert_eq!(of(json!([good, { "add": { "group": ["G"] } }])), [(1, "error.command.step.unknown")]);
        assert_eq!(
            of(json!([{ "a": 1, "b": 2 }, 7])),
            [(0, "error.command.steps.malformed"), (1, "error.command.steps.malformed")]
        );
        assert_eq!(of(json!(vec![good; 11])), [(0, "error.command.add_remove.list_too_long")]);
        assert_eq!(
            codes(json!({ "requestID": 7, "useAdobeID": "yes" })),
            [
                (0, "error.command.string_expected"),
                (0, "error.command.user.missing"),
                (0, "error.command.boolean_expected"),
                (0, "error.command.steps.malformed"),
            ]
        );
    }
}
