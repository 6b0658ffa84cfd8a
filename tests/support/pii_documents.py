"""Short documents with invented personal data in known places, among things that only look like it.

In: a seed and a count. Out: texts with labels (start, end, kind). Each document is in the language of one region and
has one to three sentences with something to find and one to three with lookalikes. The sentences were written without
a look at what finds things in them; `pii_values.py` makes the values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from support.pii_values import LOOKALIKES, PHONES, VALUES, phone

REGIONS = tuple(PHONES)
LANGUAGE = {
    "US": "en", "GB": "en", "DE": "de", "FR": "fr", "CH": "de", "SE": "sv", "ES": "es", "IT": "it", "BR": "pt",
    "JP": "ja",
}  # fmt: skip

FIND: dict[str, tuple[str, ...]] = {
    "en": (
        "Please send the signed forms to {email} before Friday.",
        "You can reach our front desk at {phone} between nine and five.",
        "From: Dana Whitlock <{email}>\nTo: {email}\nSubject: keys for the flat",
        "Tel.: {phone} | Mail: {email}",
        "If nobody answers within two days, call {phone}; after six, {phone}.",
        "The login came from {ip} at half past three in the morning.",
        "Failed password for root from {ip} port 52144 ssh2",
        "My card {card} was charged twice for the same booking.",
        "card number: {card}, expires 09/27",
        "Kindly wire the deposit to {iban} with your name as reference.",
        "Her Social Security number is {ssn}, she wrote on the form.",
        "Name: T. Vance, SSN: {ssn}, hired in spring",
        "The bot's token was {secret}, so we rotated it at once.",
        'API_KEY = "{secret}"',
        "curl -H 'Authorization: Bearer {secret}' https://api.acme.io/v2/items",
        "Somebody had committed this to the repository:\n{pem}\nand nobody saw it.",
    ),
    "de": (
        "Bitte schicken Sie die Unterlagen bis Montag an {email}.",
        "Die Praxis ist vormittags unter {phone} zu erreichen.",
        "Tel. {phone}, E-Mail: {email}",
        "Überweisen Sie den Betrag auf das Konto {iban}.",
        "Die Anfrage kam von der Adresse {ip} und wurde abgewiesen.",
        "Kreditkarte: {card} (gültig bis 11/28)",
        "Rückfragen bitte an Frau Brandt ({email}) oder mobil {phone}.",
        "token: {secret}",
    ),
    "fr": (
        "Merci d'envoyer votre dossier à {email} avant la fin du mois.",
        "Le secrétariat répond au {phone} tous les matins.",
        "Tél. : {phone} – courriel : {email}",
        "Le virement est à faire sur le compte {iban}.",
        "La connexion venait de l'adresse {ip}.",
        "Ma carte {card} a été débitée deux fois.",
    ),
    "sv": (
        "Skicka ansökan till {email} senast på fredag.",
        "Ring oss på {phone} om du har frågor.",
        "Telefon: {phone}, e-post: {email}",
        "Betala till kontot {iban} före månadens slut.",
        "Inloggningen kom från {ip} mitt i natten.",
    ),
    "es": (
        "Envíe los documentos a {email} antes del viernes.",
        "Puede llamarnos al {phone} de nueve a dos.",
        "Tel.: {phone}; correo: {email}",
        "Haga la transferencia a la cuenta {iban}.",
        "Mi tarjeta {card} fue cobrada dos veces.",
    ),
    "it": (
        "Mandi i documenti a {email} entro venerdì.",
        "L'ufficio risponde al {phone} la mattina.",
        "Tel. {phone} - e-mail {email}",
        "Il bonifico va fatto sul conto {iban}.",
        "La richiesta arrivava da {ip}.",
    ),
    "pt": (
        "Envie os documentos para {email} até sexta-feira.",
        "Ligue para {phone} no horário comercial.",
        "Telefone: {phone} / e-mail: {email}",
        "O acesso veio do endereço {ip} durante a madrugada.",
        "Meu cartão {card} foi cobrado duas vezes.",
    ),
    "ja": (
        "書類は{email}までお送りください。",
        "お問い合わせは電話{phone}まで。",
        "電話:{phone} メール:{email}",
        "接続元は {ip} でした。",
        "カード番号は {card} です。",
    ),
}

LEAVE: dict[str, tuple[str, ...]] = {
    "en": (
        "The crash appears in version {version} and is gone in {version}.",
        "Firmware v{version} needs bootloader {version} or later.",
        "The hearing was moved from {date} to {date}.",
        "ISBN {isbn}, third edition, {number} copies printed.",
        "Your order number is {order}; keep it for the return.",
        "Customer {order} was billed {price} on {date}.",
        "sha256: {sha}  release.tar.gz",
        "md5sum {md5} matches, commit {commit} does not.",
        "Request {uuid} timed out at {stamp}.",
        "The router answers at {local_ip} on the local network.",
        "Pin {package} in the lock file, or follow {package}.",
        'integrity: "{integrity}"',
        "The summit lies at {coordinates}, about {number} feet up.",
        "Parcel {tracking} left the depot on {date}.",
        "See sections {version} and {version} of the manual.",
        "Gift card {unlucky} could not be activated.",
        "The handset with IMEI {imei} was reported stolen.",
        "The bank refused {wrong_iban} because of its checksum.",
        "Part {wrong_ssn} fits the older pumps, case {order} was closed.",
        "export TOKEN={placeholder}",
    ),
    "de": (
        "Der Fehler trat in Version {version} auf und ist seit {version} behoben.",
        "Die Sitzung vom {date} wurde auf den {date} verlegt.",
        "ISBN {isbn}, gebunden, {price}",
        "Ihre Bestellnummer lautet {order}, die Kundennummer {order}.",
        "Siehe Abschnitt {version} und Prüfsumme {md5}.",
        "Der Drucker hat die Adresse {local_ip}.",
    ),
    "fr": (
        "Le défaut apparaît dans la version {version} et non dans la {version}.",
        "La séance du {date} est reportée au {date}.",
        "ISBN {isbn}, broché, {price}",
        "Votre numéro de commande est le {order}.",
        "Voir la section {version} et l'empreinte {sha}.",
    ),
    "sv": (
        "Felet finns i version {version} men inte i {version}.",
        "Mötet flyttas från {date} till {date}.",
        "Ordernummer {order}, pris {price}.",
    ),
    "es": (
        "El fallo aparece en la versión {version} y no en la {version}.",
        "La reunión del {date} pasa al {date}.",
        "Su número de pedido es {order}, el importe {price}.",
    ),
    "it": (
        "L'errore compare nella versione {version} e non nella {version}.",
        "La riunione del {date} è spostata al {date}.",
        "Il numero d'ordine è {order}, ISBN {isbn}.",
    ),
    "pt": (
        "A falha aparece na versão {version} e não na {version}.",
        "A reunião de {date} passou para {date}.",
        "O número do pedido é {order}, valor {price}.",
    ),
    "ja": (
        "この不具合はバージョン{version}で発生し、{version}で修正されました。",
        "会議は{date}から{date}に変更されました。",
        "ご注文番号は{order}です。",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Labelled:
    """A text and what is to be found in it: (start, end, kind)."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


def documents(seed: int, count: int) -> Iterator[Labelled]:
    """The documents; the same seed gives the same."""
    for place in range(count):
        chance = Random(f"{seed} {place}")
        region = chance.choice(REGIONS)
        language = LANGUAGE[region]
        chosen = [*_some(chance, FIND[language]), *_some(chance, LEAVE[language])]
        chance.shuffle(chosen)
        text, spans = "", []
        for sentence in chosen:
            text += chance.choice(["\n", "\n\n", " "]) if text else ""
            for number, piece in enumerate(sentence.replace("{", "\0{").replace("}", "}\0").split("\0")):
                name = piece.strip("{}")
                if number % 2 == 0 or name not in {*VALUES, *LOOKALIKES, "phone"}:
                    text += piece
                    continue
                value = phone(chance, region) if name == "phone" else {**VALUES, **LOOKALIKES}[name](chance)
                if name not in LOOKALIKES:
                    spans.append((len(text), len(text) + len(value), "secret" if name == "pem" else name))
                text += value
        yield Labelled(text, tuple(spans))


def _some(chance: Random, sentences: tuple[str, ...]) -> list[str]:
    return chance.choices(sentences, k=chance.randint(1, 3))
