//! The function `unsubscribe`: where the link in an email leads, and its one-click button (RFC 8058). The
//! signed token in the address is all the proof that there is. Only POST changes anything: programs open
//! links to look at them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::response::{AnswerWire, ErrorWire, wrong_method};
use crate::{
    base::{
        Failure, Reply,
        json::{self, Texts},
    },
    engine,
    notify::{
        Environment,
        i18n::{self, Language, UnsubscribeWords},
    },
};

/// Longer than any token.
const MAX_TOKEN_BYTES: usize = 200;

/// What is encoded in the value of a query parameter: all but the unreserved characters (RFC 3986).
const IN_A_QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A request to unsubscribe.
#[derive(Debug, Clone, Copy)]
pub struct Unsubscribe<'a> {
    /// Its method.
    pub method: &'a str,
    /// The token in its address; empty if there is none.
    pub token: &'a str,
    /// Its `Accept-Language` header: a mail service sends none, a browser that of its user.
    pub languages: &'a str,
}

impl Unsubscribe<'_> {
    /// The answer where the database is not asked; `None` if it has to be.
    #[must_use]
    pub fn at_once(&self, environment: &Environment) -> Option<String> {
        let is_read = match self.method {
            "POST" => false,
            "GET" | "HEAD" => true,
            _ => {
                let text = wrong_method(self.method, "POST");
                return Some(self.answer(405, &text, &[("allow", "GET, POST")], None));
            }
        };
        // Postgres has no NUL, and would fail instead of saying no.
        if self.token.is_empty() || self.token.len() > MAX_TOKEN_BYTES || self.token.contains('\0')
        {
            return Some(self.invalid());
        }
        is_read.then(|| self.page(environment))
    }

    /// The answer once the database has been asked.
    #[must_use]
    pub fn answered(&self, reply: &Reply) -> String {
        if let Some(error) = engine::database_error(reply) {
            let (_, failure) = error.http();
            let headers = [("retry-after", "60")];
            return self.answer(503, self.words().later, &headers, Some(failure));
        }
        match serde_json::from_slice(&reply.body) {
            Ok(UnsubscribedWire { success: true }) => {
                self.answer(200, self.words().done, &[], None)
            }
            Ok(UnsubscribedWire { success: false }) | Err(_) => self.invalid(),
        }
    }

    /// The app's own page asks whether that is meant, and then makes the POST request: the platform does
    /// not let a function answer with HTML.
    fn page(&self, environment: &Environment) -> String {
        let path = [
            "/unsubscribe?token=",
            &utf8_percent_encode(self.token, IN_A_QUERY).to_string(),
        ]
        .concat();
        match environment.link(Some(&path)) {
            Some(link) => self.answer(303, "", &[("location", &link)], None),
            None => self.answer(200, self.words().how, &[], None),
        }
    }

    fn invalid(&self) -> String {
        self.answer(400, self.words().invalid, &[], None)
    }

    fn language(&self) -> Language {
        Language::accepted(self.languages)
    }

    fn words(&self) -> UnsubscribeWords {
        i18n::unsubscribe_words(self.language())
    }

    fn answer(
        &self,
        status: u16,
        text: &str,
        headers: &[(&str, &str)],
        failure: Option<&Failure>,
    ) -> String {
        let always = [
            ("content-type", "text/plain; charset=utf-8"),
            ("content-language", self.language().tag()),
            // The address is as good as a key.
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
        ];
        let line_end = if text.is_empty() { "" } else { "\n" };
        json::write(&AnswerWire {
            status,
            headers: Texts(always.iter().chain(headers).copied().collect()),
            body: [text, line_end].concat(),
            error: failure.map(ErrorWire::of),
        })
    }
}

/// The answer of the SQL function `unsubscribe`.
#[derive(Deserialize)]
struct UnsubscribedWire {
    success: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn environment(app_url: &'static str) -> Environment {
        Environment::read(&|name: &str| (name == "APP_URL").then(|| app_url.to_owned()))
    }

    fn request<'a>(method: &'a str, token: &'a str) -> Unsubscribe<'a> {
        Unsubscribe {
            method,
            token,
            languages: "",
        }
    }

    fn at_once(method: &str, token: &str, app_url: &'static str) -> Value {
        let answer = request(method, token).at_once(&environment(app_url));
        serde_json::from_str(&answer.unwrap()).unwrap()
    }

    fn answered(languages: &str, status: u16, body: &str) -> Value {
        let request = Unsubscribe {
            languages,
            ..request("POST", "a.email.b")
        };
        let reply = Reply {
            status,
            body: body.as_bytes().to_vec(),
            ..Reply::default()
        };
        serde_json::from_str(&request.answered(&reply)).unwrap()
    }

    #[test]
    fn the_database_is_asked_for_a_post_with_a_token() {
        fn asks(method: &str, token: &str) -> bool {
            request(method, token).at_once(&environment("")).is_none()
        }
        assert!(asks("POST", "a.email.b"));
        assert!(asks("POST", &"x".repeat(200)));
        for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "post"] {
            assert!(!asks(method, "a.email.b"), "{method}");
        }
        for token in ["", "a\0b", &"x".repeat(201)] {
            for method in ["POST", "GET", "HEAD"] {
                assert!(!asks(method, token));
                assert_eq!(at_once(method, token, "")["status"], 400);
            }
        }
    }

    #[test]
    fn opening_the_link_leads_to_the_page_of_the_app() {
        for method in ["GET", "HEAD"] {
            let answer = at_once(method, "a&b=c/é", "https://app.example.org/");
            assert_eq!(
                answer,
                json!({"status": 303, "body": "", "headers": {
                    "location": "https://app.example.org/unsubscribe?token=a%26b%3Dc%2F%C3%A9",
                    "content-type": "text/plain; charset=utf-8",
                    "content-language": "en",
                    "cache-control": "no-store",
                    "referrer-policy": "no-referrer",
                }})
            );
            let answer = at_once(method, "a.email.b", "");
            assert_eq!(answer["status"], 200);
            assert_eq!(answer["headers"]["location"], Value::Null);
            assert!(answer["body"].as_str().unwrap().contains("send a POST"));
        }
    }

    #[test]
    fn other_methods_are_refused() {
        let answer = at_once("PUT", "a.email.b", "https://app.example.org");
        assert_eq!(answer["status"], 405);
        assert_eq!(answer["headers"]["allow"], "GET, POST");
        assert_eq!(answer["body"], "PUT is not allowed here, use POST\n");
    }

    #[test]
    fn the_answer_of_the_database_is_told_in_the_callers_language() {
        let success = r#"{"success":true,"channel":"email"}"#;
        let invalid =
            r#"{"success":false,"code":"invalid_token","error":"This link is not valid."}"#;
        for (body, status, english, spanish) in [
            (
                success,
                200,
                "You will get no more of these emails.\n",
                "No recibirás más correos como este.\n",
            ),
            (
                invalid,
                400,
                "This link is not valid. You can change what you get in the app's settings.\n",
                "Este enlace no es válido. Puedes cambiar lo que recibes en la configuración de la app.\n",
            ),
        ] {
            for (languages, language, text) in
                [("", "en", english), ("es-MX,es;q=0.9", "es", spanish)]
            {
                let answer = answered(languages, 200, body);
                assert_eq!(answer["status"], status);
                assert_eq!(answer["body"], text);
                assert_eq!(answer["headers"]["content-language"], language);
                assert_eq!(answer["error"], Value::Null);
            }
        }
        for odd in ["", "null", "[]", r#"{"success":"true"}"#, "{}"] {
            assert_eq!(answered("", 200, odd)["status"], 400);
        }
    }

    #[test]
    fn a_failure_of_the_database_is_logged_and_not_told() {
        for (status, body) in [
            (500, r#"{"code":"XX000","message":"s3cret"}"#),
            (409, r#"{"code":"PT409","message":"s3cret"}"#),
            (0, "s3cret"),
        ] {
            let answer = answered("", status, body);
            assert_eq!(answer["status"], 503);
            assert_eq!(answer["headers"]["retry-after"], "60");
            assert!(!answer["body"].as_str().unwrap().contains("s3cret"));
            assert!(
                answer["error"]["message"]
                    .as_str()
                    .unwrap()
                    .contains("s3cret")
            );
        }
    }
}
