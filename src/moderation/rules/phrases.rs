//! Phrases of advertising.

use std::sync::LazyLock;

use super::super::{
    patterns::Patterns,
    reason::{Reason, ReasonCode},
};

/// As texts are meant: folded, with one space between words.
const PHRASES: &[&str] = &[
    // Channels and followers
    "subscribe to me",
    "subscribe to my",
    "subscribe my",
    "sub to my",
    "sub to me",
    "sub 4 sub",
    "sub4sub",
    "subforsub",
    "sub for sub",
    "my channel",
    "my new channel",
    "my youtube",
    "my yt",
    "my video",
    "my videos",
    "my new video",
    "my music",
    "my song",
    "my cover",
    "my covers",
    "check out my",
    "check out this",
    "check me out",
    "check my",
    "checkout my",
    "visit my",
    "follow me",
    "follow my",
    "follow back",
    "follow4follow",
    "f4f",
    "like4like",
    "l4l",
    "like my page",
    "like my comment",
    "please subscribe",
    "pls subscribe",
    "plz subscribe",
    "plz sub",
    "please sub",
    "pls sub",
    "gain followers",
    "free followers",
    "get followers",
    "buy followers",
    "more followers",
    "free likes",
    "get likes",
    "promote it on",
    "dm to promote",
    "link in bio",
    "link in my bio",
    "link in my profile",
    "in my profile",
    "click my profile",
    "see my profile",
    "click here",
    "click the link",
    "click on the link",
    "click this link",
    "give me a like",
    "thumbs up if",
    "thumbs up so",
    "suscribete a mi",
    "suscribanse a mi",
    "suscribanse",
    "mi canal",
    "mi nuevo canal",
    "visita mi",
    "visiten mi",
    "mira mi canal",
    "sigueme",
    "siganme",
    "te sigo",
    "sigo de vuelta",
    "seguime",
    "link en mi bio",
    "enlace en mi bio",
    "enlace en mi perfil",
    "link en mi perfil",
    "haz clic",
    "haz click",
    "da click",
    "dale click",
    "entra en mi perfil",
    "entra a mi perfil",
    "mas seguidores",
    "seguidores gratis",
    "ganar seguidores",
    "comprar seguidores",
    "likes gratis",
    // Money
    "make money",
    "earn money",
    "making money",
    "extra income",
    "passive income",
    "work from home",
    "from home",
    "per day from",
    "a month from",
    "dollars a day",
    "a week from",
    "free money",
    "cash app me",
    "paypal me",
    "get rich",
    "double your",
    "crypto",
    "bitcoin",
    "forex",
    "investment platform",
    "invest with",
    "my trader",
    "my broker",
    "loan offer",
    "binary options",
    "gana dinero",
    "ganar dinero",
    "ganas dinero",
    "dinero facil",
    "dinero extra",
    "ingresos extra",
    "ingresos pasivos",
    "trabaja desde casa",
    "trabajo desde casa",
    "desde tu casa",
    "dolares al dia",
    "euros al dia",
    "dolares diarios",
    "euros diarios",
    "invierte",
    "inversion minima",
    "criptomonedas",
    "prestamo",
    "prestamos",
    "credito rapido",
    "multiplica tu",
    // Prizes, goods and dating
    "you have won",
    "you won a",
    "claim your",
    "gift card",
    "gift cards",
    "giveaway",
    "free iphone",
    "free gift",
    "promo code",
    "discount code",
    "coupon",
    "best price",
    "cheap price",
    "limited offer",
    "special offer",
    "order now",
    "buy now",
    "has ganado",
    "ganaste un",
    "reclama tu",
    "tarjeta de regalo",
    "tarjetas de regalo",
    "sorteo",
    "codigo de descuento",
    "oferta limitada",
    "aprovecha esta oferta",
    "compra ya",
    "compra ahora",
    "envio gratis",
    "precios bajos",
    "al mayor y al detal",
    "weight loss",
    "lose weight",
    "bajar de peso",
    "adelgaza",
    "viagra",
    "casino",
    "onlyfans",
    "my only fans",
    "mi only fans",
    "hot girls",
    "sexy girls",
    "nudes",
    "chicas calientes",
    "packs",
    "vendo pack",
    "vendo packs",
    "contenido exclusivo",
    // Contact elsewhere
    "text me on",
    "message me on",
    "write me on",
    "contact me",
    "add me on",
    "dm me",
    "inbox me",
    "hit me up",
    "whatsapp me",
    "on whatsapp",
    "on telegram",
    "via telegram",
    "escribeme al",
    "escribeme por",
    "contactame",
    "contactar a",
    "al privado",
    "por privado",
    "mandame mensaje",
    "por whatsapp",
    "al whatsapp",
    "mi whatsapp",
    "por telegram",
    "mi telegram",
    "agregame",
];

static PATTERNS: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::new(PHRASES.iter().map(|phrase| (*phrase, false))));

/// Most phrases that are named.
const MAX_FOUND: usize = 3;

/// The phrases in a text as it is meant.
pub(crate) fn phrases(meant: &str) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for found in PATTERNS.find(meant) {
        let phrase = PHRASES.get(found.index);
        if let (true, Some(phrase)) = (found.ends_word(), phrase) {
            let reason = ReasonCode::SpamPhrase.with(phrase);
            if reasons.len() < MAX_FOUND && !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::super::super::normalise::{fold, unmask};
    use super::*;

    #[test]
    fn phrases_are_written_as_texts_are_meant() {
        for phrase in PHRASES {
            // Digits are letters there: both readings are searched.
            assert_eq!(fold(phrase).text, *phrase);
        }
    }

    #[test]
    fn finds_phrases_between_other_words() {
        let meant = unmask(&fold("Hey!! Please SUBSCRIBE... to my channel").text);
        let found: Vec<Option<String>> = phrases(&meant)
            .into_iter()
            .map(|reason| reason.found)
            .collect();
        assert_eq!(found.len(), 3);
        assert!(phrases("my channels of communication").is_empty());
    }
}
