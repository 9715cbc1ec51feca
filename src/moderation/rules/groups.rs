//! Hatred of groups of people: *I hate …*, *… are vermin*, *filthy …*, unless a negation stands before it.

use super::super::reason::{Reason, ReasonCode};

/// Groups that are hated for what they are. Sorted.
const GROUPS: &[&str] = &[
    "africanos",
    "arabes",
    "arabs",
    "asians",
    "asiaticos",
    "bisexuales",
    "black",
    "blacks",
    "bolivianos",
    "chinese",
    "chinos",
    "colombianos",
    "cripples",
    "disabled",
    "discapacitadas",
    "discapacitados",
    "extranjeros",
    "feministas",
    "feminists",
    "foreigners",
    "gay",
    "gays",
    "gitanos",
    "gypsies",
    "haitianos",
    "homosexuales",
    "homosexuals",
    "hondureños",
    "ilegales",
    "illegals",
    "immigrants",
    "indigenas",
    "indigenous",
    "indios",
    "inmigrantes",
    "islam",
    "jewish",
    "jews",
    "judias",
    "judios",
    "latinos",
    "lesbianas",
    "lesbians",
    "lgbt",
    "maricas",
    "maricones",
    "mexicanos",
    "mexicans",
    "migrantes",
    "migrants",
    "mujeres",
    "muslim",
    "muslims",
    "musulmanas",
    "musulmanes",
    "negras",
    "negros",
    "pakistanis",
    "peruanos",
    "refugees",
    "refugiados",
    "rumanos",
    "sudacas",
    "trans",
    "transexuales",
    "transgender",
    "travestis",
    "venezolanos",
    "women",
];

/// Stand before a group. Sorted.
const HOSTILE: &[&str] = &[
    "abhor",
    "abomino",
    "aborrezco",
    "aniquilar",
    "asco",
    "ban",
    "burn",
    "deport",
    "deportar",
    "despise",
    "desprecio",
    "detest",
    "detesto",
    "dirty",
    "disgusting",
    "echar",
    "execute",
    "expulsar",
    "exterminar",
    "exterminate",
    "filthy",
    "fuck",
    "fucking",
    "fusilar",
    "gas",
    "hang",
    "hate",
    "kill",
    "linchar",
    "loathe",
    "malditas",
    "malditos",
    "matar",
    "maten",
    "nasty",
    "odio",
    "pinches",
    "putas",
    "putos",
    "quemar",
    "repudio",
    "repugnan",
    "shoot",
    "stupid",
];

/// Stand after a group. Sorted.
const DEGRADING: &[&str] = &[
    "abominacion",
    "abomination",
    "animales",
    "animals",
    "asco",
    "asquerosas",
    "asquerosos",
    "basura",
    "burden",
    "carga",
    "criminales",
    "criminals",
    "cucarachas",
    "deformes",
    "degeneradas",
    "degenerados",
    "delincuentes",
    "disease",
    "disgust",
    "disgusting",
    "dumb",
    "enfermas",
    "enfermedad",
    "enfermos",
    "escoria",
    "evil",
    "exterminados",
    "filth",
    "filthy",
    "freaks",
    "idiotas",
    "inferior",
    "inferiores",
    "lacra",
    "ladrones",
    "monstruos",
    "parasites",
    "parasitos",
    "pest",
    "pigs",
    "plaga",
    "plague",
    "ratas",
    "rats",
    "repugnan",
    "repugnantes",
    "retarded",
    "scum",
    "sick",
    "stupid",
    "subhuman",
    "terroristas",
    "terrorists",
    "tontas",
    "trash",
    "vermin",
    "vomit",
    "worthless",
];

/// Before these the opposite is meant. Sorted.
const NEGATIONS: &[&str] = &[
    "against",
    "can't",
    "cannot",
    "contra",
    "didn't",
    "doesn't",
    "don't",
    "dont",
    "jamas",
    "mal",
    "nadie",
    "never",
    "ni",
    "no",
    "nobody",
    "not",
    "nunca",
    "shouldn't",
    "sin",
    "stop",
    "why",
    "without",
    "wrong",
];

/// Words between the two.
const HOSTILE_WINDOW: usize = 4;
const DEGRADING_WINDOW: usize = 6;
/// Words before them that are searched for a negation.
const NEGATION_WINDOW: usize = 6;

/// Whether a text hates a group, and which one.
pub(crate) fn groups(folded: &str) -> Option<Reason> {
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .collect();
    let is_near = |at: usize, window: usize, list: &[&str]| {
        let near = words.iter().skip(at + 1).take(window);
        near.into_iter()
            .any(|word| list.binary_search(word).is_ok())
    };
    for (at, word) in words.iter().enumerate() {
        let is_group = GROUPS.binary_search(word).is_ok();
        let is_hostile = HOSTILE.binary_search(word).is_ok();
        let is_hatred = is_group && is_near(at, DEGRADING_WINDOW, DEGRADING)
            || is_hostile && is_near(at, HOSTILE_WINDOW, GROUPS);
        if is_hatred && !is_negated(&words, at) {
            return Some(ReasonCode::GroupHate.with(word));
        }
    }
    None
}

fn is_negated(words: &[&str], at: usize) -> bool {
    let before = words
        .iter()
        .take(at + 3)
        .skip(at.saturating_sub(NEGATION_WINDOW));
    before
        .into_iter()
        .any(|word| NEGATIONS.binary_search(word).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_hatred_of_groups() {
        for text in [
            "i hate all muslims",
            "immigrants are nothing but vermin",
            "filthy refugees everywhere",
            "los gitanos son una plaga",
            "que asco me dan los gays",
        ] {
            assert!(groups(text).is_some(), "{text}");
        }
        for text in [
            "i don't hate muslims",
            "it is wrong to hate women",
            "no odio a los inmigrantes",
            "nadie debe decir que los gitanos son una plaga",
            "gays are people like everyone",
            "i hate mondays",
            "",
        ] {
            assert_eq!(groups(text), None, "{text}");
        }
        for list in [GROUPS, HOSTILE, DEGRADING, NEGATIONS] {
            for pair in list.windows(2) {
                assert!(pair[0] < pair[1], "{pair:?}");
            }
        }
    }
}
