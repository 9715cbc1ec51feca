//! The function `unsubscribe`: the target of the link in an email and of its one-click button (RFC 8058).
//! The signed token in the URL is the only proof. Only POST changes anything, because programs open links
//! to inspect them.

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
        i18n::{self, Language, UnsubscribeTexts},
    },
};

/// Longer than any token.
const MAX_TOKEN_BYTES: usize = 200;

/// Characters to encode in a query parameter: all but the unreserved ones (RFC 3986).
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
    /// The token in its URL; empty if there is none.
    pub token: &'a str,
    /// Its `Accept-Language` header. Browsers send one, mail services do not.
    pub languages: &'a str,
}

impl Unsubscribe<'_> {
    /// The answer without a call to the database; `None` if the call is needed.
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
        // Postgres would fail on a NUL instead of rejecting the token.
        if self.token.is_empty() || self.token.len() > MAX_TOKEN_BYTES || self.token.contains('\0')
        {
            return Some(self.invalid());
        }
        is_read.then(|| self.page(environment))
    }

    /// The answer after the call to the database.
    #[must_use]
    pub fn answered(&self, reply: &Reply) -> String {
        if let Some(error) = engine::database_error(reply) {
            let (_, failure) = error.http();
            let headers = [("retry-after", "60")];
            return self.answer(503, self.texts().later, &headers, Some(failure));
        }
        match json::parse(&reply.body) {
            Ok(UnsubscribedWire { success: true }) => {
                self.answer(200, self.texts().done, &[], None)
            }
            Ok(UnsubscribedWire { success: false }) | Err(_) => self.invalid(),
        }
    }

    /// Redirects to a page of the app, which asks for confirmation and makes the POST request. The platform
    /// does not let a function answer with HTML.
    fn page(&self, environment: &Environment) -> String {
        let path = [
            "/unsubscribe?token=",
            &utf8_percent_encode(self.token, IN_A_QUERY).to_string(),
        ]
        .concat();
        match environment.link(Some(&path)) {
            Some(link) => self.answer(303, "", &[("location", &link)], None),
            None => self.answer(200, self.texts().how, &[], None),
        }
    }

    fn invalid(&self) -> String {
        self.answer(400, self.texts().invalid, &[], None)
    }

    fn language(&self) -> Language {
        Language::accepted(self.languages)
    }

    fn texts(&self) -> UnsubscribeTexts {
        i18n::unsubscribe_texts(self.language())
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
            // The URL is a secret.
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
    fn calls_the_database_for_a_post_with_a_token() {
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
    fn redirects_an_opened_link_to_the_app() {
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
    fn rejects_other_methods() {
        let answer = at_once("PUT", "a.email.b", "https://app.example.org");
        assert_eq!(answer["status"], 405);
        assert_eq!(answer["headers"]["allow"], "GET, POST");
        assert_eq!(answer["body"], "PUT is not allowed here, use POST\n");
    }

    #[test]
    fn answers_in_the_language_of_the_caller() {
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
    fn logs_a_failure_of_the_database_and_does_not_tell_the_caller() {
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
