"""One step of an invoice: asked for, issued, credited (red invoice), voided."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="invoices",
    note="One step of an invoice: asked for, issued, credited (red invoice), voided.",
    key=("invoice_event_id",),
    event_time="event_at",
    columns=(
        required("invoice_event_id", Kind.ID, "the request or document, and the step"),
        required(
            "invoice_step",
            Kind.CODE,
            "step; a credit note takes back part or all of an invoice, voiding all of it",
            codes=("requested", "issued", "credited", "voided"),
        ),
        required("event_at", Kind.TIME, "when"),
        optional("order_id", Kind.ID, "the order"),
        optional("invoice_code", Kind.ID, "code of the series, where invoices have one"),
        optional("invoice_number", Kind.ID, "number of the document, or of the request"),
        optional("original_invoice_number", Kind.ID, "of a credit note: what it takes back"),
        optional(
            "invoice_type",
            Kind.CODE,
            "special ones let the buyer deduct the tax",
            codes=("vat_special", "vat_ordinary", "commercial"),
        ),
        optional("title_type", Kind.CODE, "to whom", codes=("personal", "company")),
        required("amount", Kind.MONEY, "with tax, positive"),
        optional("tax_amount", Kind.MONEY, "of it tax, positive"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional("reason", Kind.TEXT, "why credited or voided"),
    ),
)
