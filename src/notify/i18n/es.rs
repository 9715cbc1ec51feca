//! Spanish as it is used from Mexico to Argentina.

use super::{EmailTexts, NotificationTexts, UnsubscribeTexts};
use crate::notify::{Decision, NotificationType};

pub(super) fn notification_texts(
    kind: NotificationType,
    decision: Option<Decision>,
) -> NotificationTexts {
    let (title, bodies): (_, &[_]) = match kind {
        NotificationType::NewLike => (
            "Nuevo “me gusta”",
            &[
                "A {name} le gustó tu foto",
                "A {name} y a otra persona les gustó tu foto",
                "A {name} y a {others} personas más les gustó tu foto",
            ],
        ),
        NotificationType::NewComment => (
            "Nuevo comentario",
            &[
                "{name} comentó tu foto",
                "{name} y otra persona comentaron tu foto",
                "{name} y {others} personas más comentaron tu foto",
            ],
        ),
        NotificationType::CommentReply => (
            "Nueva respuesta",
            &[
                "{name} respondió a tu comentario",
                "{name} y otra persona respondieron a tu comentario",
                "{name} y {others} personas más respondieron a tu comentario",
            ],
        ),
        NotificationType::Mention => (
            "Te mencionaron",
            &[
                "{name} te mencionó en un comentario",
                "{name} y otra persona te mencionaron en un comentario",
                "{name} y {others} personas más te mencionaron en un comentario",
            ],
        ),
        // Not "nuevo seguidor": the follower may be a woman.
        NotificationType::NewFollower => (
            "Alguien más te sigue",
            &[
                "{name} empezó a seguirte",
                "{name} y otra persona empezaron a seguirte",
                "{name} y {others} personas más empezaron a seguirte",
            ],
        ),
        NotificationType::CommentModerated => match decision {
            Some(Decision::Approved) => (
                "Comentario publicado",
                &["Ya todos pueden ver tu comentario"],
            ),
            Some(Decision::Flagged) => (
                "Comentario en revisión",
                &["Alguien de nuestro equipo va a revisar tu comentario antes de publicarlo"],
            ),
            Some(Decision::Rejected) => (
                "Comentario no publicado",
                &["Tu comentario no se publicó porque no cumple las normas de la comunidad"],
            ),
            None => ("Comentario revisado", &["Ya revisamos tu comentario"]),
        },
    };
    NotificationTexts {
        title,
        bodies,
        // "A alguien le gustó…", but "Alguien comentó…".
        someone: match kind {
            NotificationType::NewLike => "alguien",
            NotificationType::NewComment
            | NotificationType::CommentReply
            | NotificationType::Mention
            | NotificationType::NewFollower
            | NotificationType::CommentModerated => "Alguien",
        },
    }
}

pub(super) const EMAIL: EmailTexts = EmailTexts {
    view_on: "Ver en ",
    appeal_on: "Apelar en ",
    appeal: "Si crees que es un error, puedes apelar una vez. Alguien de nuestro equipo volverá a revisar tu comentario.",
    answer: "Mira la foto y responde",
    who: "Mira quién fue",
    on_photo: "En la foto ",
    photo: "La foto",
    reason: "Recibes este correo porque tienes activadas las notificaciones por correo en ",
    unsubscribe: "Cancelar suscripción",
    settings: "Ajustes de notificaciones",
};

pub(super) const UNSUBSCRIBE: UnsubscribeTexts = UnsubscribeTexts {
    done: "No recibirás más correos como este.",
    invalid: "Este enlace no es válido. Puedes cambiar lo que recibes en la configuración de la app.",
    how: "Para cancelar la suscripción, usa el botón de tu programa de correo o envía una solicitud POST a esta dirección.",
    later: "No se pudo hacer en este momento. Vuelve a intentarlo más tarde.",
};
