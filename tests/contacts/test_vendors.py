"""Exports of every vendor are known by their headers, mapped to our columns, and named in the report."""

import csv
import io
import json

import pandas as pd
import pytest

import segvspers as sv
from segvspers.contacts.columns import COLUMNS, fit_contacts
from segvspers.dialects.exports import contact_exports
from segvspers.errors import DataError

HUBSPOT = {"contact_id", "email", "first_name", "last_name", "company", "job_title", "signup_date"}
SALESFORCE = {"contact_id", "email", "first_name", "last_name", "job_title", "region", "signup_date", "suppressed"}
FILES = {
    "apollo_contacts_export": (
        "Apollo",
        {"First Name": "first_name", "Last Name": "last_name", "Title": "job_title", "Company Name for Emails": "company",
         "Email": "email", "# Employees": "n_employees", "Industry": "industry", "Country": "region"},
    ),
    "hubspot_contact_table": (
        "HubSpot",
        {"id": "contact_id", "property_email": "email", "property_firstname": "first_name", "property_lastname": "last_name",
         "property_company": "company", "property_jobtitle": "job_title", "property_createdate": "signup_date"},
    ),
    "hubspot_contacts_export": (
        "HubSpot",
        {"Record ID": "contact_id", "First Name": "first_name", "Last Name": "last_name", "Email": "email",
         "Job Title": "job_title", "Lifecycle Stage": "purchase_status", "Create Date": "signup_date",
         "Company Name": "company"},
    ),
    "mailchimp_audience_export": (
        "Mailchimp",
        {"Email Address": "email", "First Name": "first_name", "Last Name": "last_name", "MEMBER_RATING": "engagement_level",
         "OPTIN_TIME": "signup_date", "REGION": "region", "LEID": "contact_id"},
    ),
    "sf_contact_data": (
        "Salesforce",
        {"id": "contact_id", "account_id": "company_id", "created_date": "signup_date", "title": "job_title",
         "mailing_country": "region", "has_opted_out_of_email": "suppressed"},
    ),
    "sf_lead_data": (
        "Salesforce",
        {"id": "contact_id", "created_date": "signup_date", "title": "job_title", "country": "region",
         "number_of_employees": "n_employees", "has_opted_out_of_email": "suppressed"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_an_export_is_read_with_every_row_and_its_mapping(shared_data, name):
    path = shared_data / "crm_formats" / f"{name}.csv"
    vendor, mapping = FILES[name]
    read = sv.read_contacts(path)
    report = sv.read_report(read)
    assert report.vendor == vendor
    assert f"Headers of {vendor}." in report.summary()
    assert report.mapping == mapping
    with path.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    assert report.n_rows == len(rows) - 1 == len(read)
    assert read["contact_id"].notna().all()
    assert len(read.columns) >= len(rows[0])


def test_a_row_that_lacks_a_field_is_set_aside_and_read_once_it_is_mended(shared_data):
    path = shared_data / "crm_formats" / "apollo_engagement_export.csv"
    with pytest.raises(DataError, match=r"no row can be used: wrong number of fields \(1 row\)"):
        sv.read_contacts(path)
    header, row = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    mended = [*row[: header.index("context")], "", *row[header.index("context") :]]
    read = sv.read_contacts(pd.DataFrame([mended], columns=header))
    assert read[["contact_id", "company_id", "email", "company", "job_title"]].values.tolist() == [
        ["12345", "67890", "info@acme.com", "Acme Corp", "Manager"]
    ]
    assert read["company_size"].tolist() == ["51-200"]
    assert sv.read_report(read).vendor == "Apollo"


@pytest.mark.parametrize(("name", "kind"), [("sf_opportunity_data", "opportunities"), ("sf_task_data", "tasks")])
def test_a_table_of_a_vendor_that_holds_no_contacts_is_told(shared_data, name, kind):
    with pytest.raises(
        DataError, match=f"contacts: these are {kind} of Salesforce, by the columns .*give the export of its"
    ):
        sv.read_contacts(shared_data / "crm_formats" / f"{name}.csv")


HEADERS = {
    "klaviyo_profiles_export": (
        "Klaviyo",
        {"Email": "email", "Klaviyo ID": "contact_id", "First Name": "first_name", "Last Name": "last_name",
         "Country": "region", "Email Marketing Consent": "consent", "Profile Created On": "signup_date"},
    ),
    "instantly_lead": (
        "Instantly", {"id": "contact_id", "company_name": "company", "timestamp_created": "signup_date"},
    ),
    "hubspot_contacts_export_alt": (
        "HubSpot",
        {"First Name": "first_name", "Last Name": "last_name", "Email": "email", "Job Title": "job_title",
         "Company Name": "company", "Country/Region": "region", "Lifecycle Stage": "purchase_status"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_listed_headers_are_known(shared_data, name):
    names = json.loads((shared_data / "crm_formats" / "column_headers.json").read_text(encoding="utf-8"))[name]
    vendor, mapping = HEADERS[name]
    found = fit_contacts(names, columns=None)
    assert found.vendor == vendor
    assert {theirs: ours for theirs, ours in found.mapping.items() if theirs != ours} == mapping


def test_the_unsubscribed_export_of_mailchimp_suppresses(shared_data):
    listed = json.loads((shared_data / "crm_formats" / "column_headers.json").read_text(encoding="utf-8"))
    names = ["Email Address", "First Name", "LEID", "MEMBER_RATING", *listed["mailchimp_unsubscribed_export_extra"]]
    rows = [["a@x.example", "Ada", "1", "2", "2026-01-02 10:00:00", "t", "c", "r", "", ""],
            ["b@x.example", "Bo", "2", "5", "", "", "", "", "", ""]]  # fmt: skip
    read = sv.read_contacts(pd.DataFrame(rows, columns=names))
    assert read["suppressed"].tolist() == [True, False]
    assert read["engagement_level"].tolist() == ["low", "high"]
    assert sv.read_report(read).vendor == "Mailchimp"


@pytest.mark.parametrize("name", ["klaviyo_campaign_export", "klaviyo_flow_daily", "instantly_campaign_analytics"])
def test_reports_about_campaigns_are_no_contacts(shared_data, name):
    names = json.loads((shared_data / "crm_formats" / "column_headers.json").read_text(encoding="utf-8"))[name]
    with pytest.raises(DataError, match="there is no column 'contact_id' or 'email' among"):
        sv.read_contacts(pd.DataFrame([["1"] * len(names)], columns=names))


OTHERS = {
    "Pipedrive": (
        ["Person - ID", "Person - Name", "Person - Organization", "Person - Email - Work", "Person - Phone - Work",
         "Person - Labels", "Person - Marketing status"],
        ["7", "Ada Byron", "Pine", "ada@pine.example", "+46", "Hot", "Unsubscribed"],
        {"contact_id": "7", "first_name": "Ada", "last_name": "Byron", "company": "Pine", "consent": False},
    ),
    "Smartlead": (
        ["id", "campaign_lead_map_id", "status", "created_at", "first_name", "last_name", "email", "company_name", "location",
         "custom_fields", "is_unsubscribed", "last_email_sequence_sent", "open_count"],
        ["7", "9", "COMPLETED", "2026-01-02T10:00:00.000Z", "Ada", "Byron", "ada@pine.example", "Pine", "Oslo", "{}", "true", "2", "5"],
        {"contact_id": "7", "region": "Oslo", "suppressed": True, "signup_date": pd.Timestamp("2026-01-02")},
    ),
    "Klaviyo": (
        ["Email", "Klaviyo ID", "First Name", "Email Marketing Consent", "Date Added"],
        ["ada@pine.example", "01ABC", "Ada", "NEVER_SUBSCRIBED", "2026-01-02 10:00:00"],
        {"contact_id": "01ABC", "consent": False, "signup_date": pd.Timestamp("2026-01-02")},
    ),
    "Salesforce": (
        ["Contact ID", "First Name", "Account Name", "Title", "Email Opt Out", "Mailing Country"],
        ["003x", "Ada", "Pine", "CMO", "0", "Norway"],
        {"contact_id": "003x", "company": "Pine", "job_title": "CMO", "suppressed": False, "region": "Norway"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("vendor", OTHERS)
def test_columns_and_words_of_a_vendor_become_ours(vendor):
    names, row, expected = OTHERS[vendor]
    read = sv.read_contacts(pd.DataFrame([row], columns=names))
    assert sv.read_report(read).vendor == vendor
    assert {name: read[name][0] for name in expected} == expected


def test_stages_of_hubspot_are_told_in_our_levels():
    frame = pd.DataFrame(
        {
            "Record ID": ["1", "2", "3"],
            "Lifecycle Stage": ["Marketing Qualified Lead", "Customer", "Other"],
            "Create Date": ["", "", ""],
        }
    )
    read = sv.read_contacts(frame)
    assert read["purchase_status"].tolist() == ["prospect", "customer", "Other"]
    assert "purchase_status: its levels are its own, without an order" in sv.read_report(read).summary()


def test_columns_of_the_user_go_before_the_vendor_and_none_leaves_one_out():
    frame = pd.DataFrame(
        {"Record ID": ["1"], "Create Date": ["n/a"], "Email": ["a@x.example"], "Lifecycle Stage": ["lead"]}
    )
    read = sv.read_contacts(frame, columns={"contact_id": "Email", "signup_date": None})
    assert read["contact_id"].tolist() == ["a@x.example"]
    assert "signup_date" not in read
    assert read["Create Date"].tolist() == ["n/a"]


def test_files_of_several_vendors_are_one_table(tmp_path):
    pd.DataFrame(
        {"Record ID": ["51"], "Email": ["a@x.example"], "Create Date": ["2026-01-02"], "Lifecycle Stage": ["lead"]}
    ).to_csv(tmp_path / "hubspot.csv", index=False)
    pd.DataFrame(
        {"LEID": ["77"], "Email Address": ["b@x.example"], "OPTIN_TIME": ["03/04/2026"], "EUID": ["x"]}
    ).to_csv(tmp_path / "mailchimp.csv", index=False, sep=";")
    read = sv.read_contacts([tmp_path / "hubspot.csv", tmp_path / "mailchimp.csv"])
    report = sv.read_report(read)
    assert read["contact_id"].tolist() == ["51", "77"]
    assert read["email"].tolist() == ["a@x.example", "b@x.example"]
    assert read["signup_date"].tolist() == [pd.Timestamp("2026-01-02"), pd.Timestamp("2026-04-03")]
    assert report.vendor == "HubSpot, Mailchimp"
    assert [(source.name, source.n_rows, source.delimiter) for source in report.sources] == [
        ("hubspot.csv", 1, "comma"),
        ("mailchimp.csv", 1, "semicolon"),
    ]
    assert "mailchimp.csv: signup_date: no date has a day above 12" in report.summary()


def test_every_dialect_maps_to_columns_that_contacts_have():
    known = {column.name for column in COLUMNS}
    for export in contact_exports():
        assert set(export.aliases.values()) <= known, export.vendor
        assert set(export.words) <= known, export.vendor
        assert export.marks or not export.vendor
