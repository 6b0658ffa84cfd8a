"""Sentences with places for invented personal data, and with places for what only looks like it, by language.

FIRST was written without a look at what finds things in it, and run once; SECOND after what FIRST showed, and before
anything was mended.
"""

from __future__ import annotations

ByLanguage = dict[str, tuple[str, ...]]
Sentences = tuple[ByLanguage, ByLanguage]
"""What is to be found, what is to be left."""

_FIRST_FIND: ByLanguage = {
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

_FIRST_LEAVE: ByLanguage = {
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

_SECOND_FIND: ByLanguage = {
    "en": (
        "Signed, Karin Lindqvist\nHead of Lending\nP {phone}\nE {email}",
        "| Tom Nowak | {email} | {phone} |",
        "just text me ({phone}) or drop a line to {email} :)",
        '{ip} - - [12/Mar/2024:08:41:33 +0000] "GET /health HTTP/1.1" 200 12',
        "Blocked hosts: {ip}, {ip}, {ip}.",
        "ping from {ip}: time=12 ms",
        "Visa {card} declined, the customer asked for a refund",
        '"iban": "{iban}", "holder": "S. Almeida"',
        "ssn={ssn};name=Vance",
        "remote: https://x-access-token:{secret}@git.acme.io/app.git",
        "WARN leaked credential {secret} in job 4821",
        "# ~/.ssh/id\n{pem}",
    ),
    "de": (
        "Mit freundlichen Grüßen\nL. Brandt\nFon {phone}\nMail {email}",
        "Bankverbindung: {iban}",
        "Zugriff von {ip} gesperrt.",
        "Notruf der Hausverwaltung: {phone}",
        "Karte {card} gesperrt am Montag.",
    ),
    "fr": (
        "Cordialement,\nInès Moreau\n{phone}\n{email}",
        "RIB : {iban}",
        "Adresse bloquée : {ip}",
        "Carte bancaire {card}, refusée.",
    ),
    "sv": ("Hälsningar\nOlof\n{phone}\n{email}", "Bankkonto {iban}", "Blockerad adress: {ip}"),
    "es": (
        "Un saludo,\nSofía\n{phone}\n{email}",
        "Cuenta: {iban}",
        "Dirección bloqueada: {ip}",
        "Tarjeta {card} rechazada",
    ),
    "it": ("Cordiali saluti\nChiara Romano\n{phone}\n{email}", "Conto: {iban}", "Indirizzo bloccato: {ip}"),
    "pt": ("Atenciosamente,\nInês\n{phone}\n{email}", "Endereço bloqueado: {ip}", "Cartão {card} recusado"),
    "ja": (
        "担当:田中\n{phone}\n{email}",
        "口座は{iban}です。",
        "{ip}からの接続を遮断しました。",
        "カード{card}が拒否されました。",
    ),
}

_SECOND_LEAVE: ByLanguage = {
    "en": (
        "Driver {version} replaces {version}; please reboot.",
        "Chapter {version} says otherwise.",
        "nightly build {version}-rc1 ({commit})",
        "| {date} | {order} | {price} |",
        "Ticket {order} opened {date}, closed {date}",
        "GPS {coordinates}; altitude {number} m",
        "docker pull acme/web@sha256:{sha}",
        "Serial {imei}, made on {date}.",
        "Account {wrong_iban} does not exist.",
        "host {local_ip}, mask 255.255.255.0, gateway {local_ip}",
        "npm install {package} && pip install {package}",
        "Doc. no. {wrong_ssn}, rev. {version}",
        'etag "{md5}", trace {uuid}',
        "epoch {stamp}",
    ),
    "de": (
        "Rechnung {order} vom {date} über {price}",
        "Treiber {version} ersetzt {version}.",
        "Kapitel {version}, Seite 14",
        "Gerät mit der Seriennummer {imei}",
    ),
    "fr": (
        "Facture {order} du {date} : {price}",
        "Le pilote {version} remplace le {version}.",
        "Chapitre {version}, page 14",
    ),
    "sv": ("Faktura {order} av den {date}, {price}", "Drivrutin {version} ersätter {version}."),
    "es": ("Factura {order} del {date}: {price}", "El controlador {version} sustituye al {version}."),
    "it": ("Fattura {order} del {date}: {price}", "Il driver {version} sostituisce {version}."),
    "pt": ("Fatura {order} de {date}: {price}", "O driver {version} substitui o {version}."),
    "ja": ("請求書{order}、{date}、{price}", "ドライバー{version}は{version}に置き換わります。"),
}

FIRST: Sentences = (_FIRST_FIND, _FIRST_LEAVE)
SECOND: Sentences = (_SECOND_FIND, _SECOND_LEAVE)


def _joined(one: ByLanguage, other: ByLanguage) -> ByLanguage:
    return {language: one[language] + other[language] for language in one}


BOTH: Sentences = (_joined(_FIRST_FIND, _SECOND_FIND), _joined(_FIRST_LEAVE, _SECOND_LEAVE))
