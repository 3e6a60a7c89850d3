#include "adapters/rest/load.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapters/account_options.h"
#include "adapters/rest/load_auth.h"
#include "adapters/rest/load_context.h"
#include "adapters/rest/load_exchange.h"
#include "adapters/rest/load_limits.h"
#include "adapters/rest/load_operation.h"
#include "adapters/rest/load_request.h"
#include "adapters/rest/yaml_node.h"
#include "http/header_syntax.h"

namespace enrich::rest {
namespace {

constexpr size_t kMaxIdBytes = 32;

// Whether `text` is of lower-case letters, digits and `joint`, and begins with
// a letter.
bool IsName(absl::string_view text, char joint) {
  return !text.empty() &&
         absl::ascii_islower(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), [joint](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) ||
                  c == joint;
         });
}

class Loader {
 public:
  Loader(LoadContext& context, const YamlNode& root)
      : context_(context), root_(root) {}

  std::shared_ptr<const Plan> Load() {
    if (!context_.CheckMap(
            root_, {"spec", "id", "description", "base_url", "secrets",
                    "no_api_key", "auth", "headers", "limits", "tables",
                    "operations", "errors", "balance", "redact", "tests"})) {
      return nullptr;
    }
    ReadIdentity();
    ReadSecrets();
    ReadTables();
    ReadCommon();
    ReadLimits(context_, root_.Find("limits"), plan_);
    if (const YamlNode* operations = context_.Require(root_, "operations")) {
      ReadOperations(context_, *operations, root_.Find("errors"), common_,
                     plan_);
    }
    if (const YamlNode* balance = root_.Find("balance")) {
      plan_.balance = ReadBalance(context_, *balance, common_);
    }
    ReadRedact();
    ReadTests();
    context_.CheckSecrets();
    if (context_.clean()) ApplyAccount();
    if (!context_.clean()) return nullptr;
    return std::make_shared<const Plan>(std::move(plan_));
  }

 private:
  void ReadIdentity() {
    if (const YamlNode* spec = context_.Require(root_, "spec")) {
      if (!spec->is_scalar() || spec->quoted() || spec->text() != "1") {
        context_.Report(*spec, "must be 1, the version of the language");
      }
    }
    if (const YamlNode* id = context_.Require(root_, "id")) {
      plan_.id = id->text();
      if (!IsName(plan_.id, '-') || plan_.id.size() > kMaxIdBytes) {
        context_.Report(*id, absl::StrCat("must be of a-z, 0-9 and -, begin "
                                          "with a letter, and have at most ",
                                          kMaxIdBytes, " characters"));
      }
    }
    if (const YamlNode* text = root_.Find("description")) {
      if (text->is_scalar()) {
        plan_.description = text->text();
      } else {
        context_.Report(*text, "must be a text");
      }
    }
    plan_.account_name = context_.account().name;
    plan_.account_country = context_.account().default_country;
  }

  void ReadSecrets() {
    const YamlNode* no_key = root_.Find("no_api_key");
    if (!context_.Flag(no_key)) context_.NameSecret(root_, "api_key");
    const YamlNode* secrets = root_.Find("secrets");
    if (secrets == nullptr) return;
    for (const YamlNode* name : context_.Texts(*secrets)) {
      if (name->text() == "api_key") {
        context_.Report(*name, "is there without being named");
      } else if (!IsName(name->text(), '_')) {
        context_.Report(*name,
                        "must be of a-z, 0-9 and _, and begin with a letter");
      } else {
        context_.NameSecret(*name, name->text());
      }
    }
  }

  void ReadTables() {
    const YamlNode* node = root_.Find("tables");
    if (node == nullptr) return;
    if (!node->is_map()) {
      return context_.Report(*node, "must be a mapping of name to table");
    }
    expression::Tables tables;
    for (const YamlNode* table : node->children()) {
      ReadTable(*table, tables[table->key()]);
    }
    context_.set_tables(std::move(tables));
  }

  void ReadTable(const YamlNode& node, expression::Table& table) {
    if (!node.is_map()) {
      return context_.Report(node, "must be a mapping of word to word");
    }
    for (const YamlNode* word : node.children()) {
      if (word->is_scalar() && !LoadContext::IsExpression(*word)) {
        table[word->key()] = word->text();
      } else {
        context_.Report(*word, "must be a word");
      }
    }
  }

  void ReadCommon() {
    if (const YamlNode* url = context_.Require(root_, "base_url")) {
      ReadBaseUrl(*url);
    }
    if (const YamlNode* headers = root_.Find("headers")) {
      common_.headers = ReadHeaders(context_, *headers, {});
    }
    if (const YamlNode* auth = context_.Require(root_, "auth")) {
      ReadAuth(context_, *auth, common_, plan_);
    }
    for (const auto& [name, value] : common_.auth_headers) {
      for (const auto& [other, text] : common_.headers) {
        if (absl::EqualsIgnoreCase(name, other)) {
          context_.ReportKey(*root_.Find("headers"), other,
                             "is a credential of auth already");
        }
      }
    }
  }

  void ReadBaseUrl(const YamlNode& node) {
    if (!node.is_scalar() || !IsHttpUrl(node.text(), /*plain=*/false) ||
        absl::StrContains(node.text(), "?") ||
        absl::StrContains(node.text(), "{") ||
        absl::StrContains(node.text(), " ")) {
      context_.Report(node, "must be such as https://api.example.com/v1");
    } else if (absl::EndsWith(node.text(), "/")) {
      context_.Report(node, "must not end with a slash");
    }
    const auto url = BaseUrlOf(context_.account(), node.text());
    if (url.ok() && (context_.account().base_url.empty() ||
                     IsHttpUrl(*url, /*plain=*/true))) {
      common_.base_url = plan_.base_url = *url;
    } else {
      context_.ReportAccount("base_url",
                             "must be such as https://api.example.com/v1");
    }
  }

  void ReadRedact() {
    const YamlNode* node = root_.Find("redact");
    if (node == nullptr) return;
    for (const YamlNode* place : context_.Texts(*node)) {
      const std::string& text = place->text();
      const bool header = absl::StartsWith(text, "header:") &&
                          IsHttpToken(absl::string_view(text).substr(7));
      const bool query = absl::StartsWith(text, "query:") && text.size() > 6;
      if (header || query || IsBodyPlace(text)) {
        plan_.redact.push_back(text);
      } else {
        context_.Report(*place,
                        "must be query:NAME, header:NAME or body:/POINTER");
      }
    }
  }

  void ReadTests() {
    const YamlNode* node = context_.Require(root_, "tests");
    if (node == nullptr) return;
    for (const YamlNode* test : context_.Texts(*node)) {
      const std::vector<absl::string_view> steps =
          absl::StrSplit(absl::string_view(test->text()), '/');
      const bool leaves =
          std::find(steps.begin(), steps.end(), "..") != steps.end();
      if (leaves || absl::StartsWith(test->text(), "/")) {
        context_.Report(*test, "must be a path below this file's folder");
      }
      plan_.tests.push_back(test->text());
    }
  }

  void ApplyAccount() {
    const absl::Status status =
        ApplyOverrides(context_.account(), plan_.capabilities);
    if (status.ok()) return TakePrices();
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(status.message(), absl::MaxSplits(": ", 1));
    context_.ReportAccount(std::string(parts.first), std::string(parts.second));
  }

  // What a result costs is what the account pays, not the list price.
  void TakePrices() {
    for (OperationPlan& operation : plan_.operations) {
      const OperationSpec& spec = *plan_.capabilities.Find(operation.id);
      for (FieldPlan& field : operation.result.fields) {
        field.price = spec.PriceOf(field.field);
      }
    }
  }

  LoadContext& context_;
  const YamlNode& root_;
  CommonRequest common_;
  Plan plan_;
};

}  // namespace

LoadResult Load(absl::string_view text, const AccountConfig& account) {
  YamlDocument document = ReadYamlTree(text);
  if (document.root == nullptr) {
    if (document.mistakes.empty()) {
      document.mistakes.push_back({.text = "is empty"});
    }
    return {.mistakes = std::move(document.mistakes)};
  }
  LoadContext context(account);
  for (Mistake& mistake : document.mistakes) context.Add(std::move(mistake));
  LoadResult result = {.plan = Loader(context, *document.root).Load()};
  result.mistakes = context.TakeMistakes();
  return result;
}

AccountConfig FixtureAccount(absl::string_view text) {
  AccountConfig account = {
      .name = "fx", .adapter = "rest", .definition = std::string(text)};
  const YamlDocument document = ReadYamlTree(text);
  if (document.root == nullptr) return account;
  const YamlNode* no_key = document.root->Find("no_api_key");
  if (no_key == nullptr || no_key->text() != "true") {
    account.api_key = Secret("api_key");
  }
  if (const YamlNode* secrets = document.root->Find("secrets")) {
    for (const YamlNode* name : secrets->children()) {
      account.secrets.emplace(name->text(), Secret(name->text()));
    }
    if (secrets->is_scalar()) {
      account.secrets.emplace(secrets->text(), Secret(secrets->text()));
    }
  }
  return account;
}

std::string FormatMistakes(absl::string_view file,
                           const std::vector<Mistake>& mistakes) {
  std::string out;
  for (const Mistake& mistake : mistakes) {
    absl::StrAppend(&out, file);
    if (mistake.line > 0) absl::StrAppend(&out, ":", mistake.line);
    if (!mistake.path.empty()) absl::StrAppend(&out, ": ", mistake.path);
    absl::StrAppend(&out, ": ", mistake.text, "\n");
  }
  return out;
}

}  // namespace enrich::rest
