#include "integration/gateway_fixture.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "adapters/rest/load.h"
#include "base/json.h"
#include "base/log.h"
#include "google/protobuf/util/message_differencer.h"
#include "support/status_matchers.h"

namespace enrich {
namespace {

// A port nobody listens on at the moment.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(fd, generic, size), 0);
  EXPECT_EQ(getsockname(fd, generic, &size), 0);
  close(fd);
  return ntohs(address.sin_port);
}

template <typename Condition>
bool Eventually(Condition condition) {
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

bool IsFinish(const v1::ResultEvent& event) {
  return event.has_batch_finished();
}

// "FOUND" of LOOKUP_OUTCOME_FOUND, in lower case.
std::string WordOf(v1::LookupOutcome outcome) {
  return absl::AsciiStrToLower(
      absl::StripPrefix(v1::LookupOutcome_Name(outcome), "LOOKUP_OUTCOME_"));
}

std::string Summary(const v1::Attempt& attempt) {
  return absl::StrCat(attempt.provider(), "=", WordOf(attempt.outcome()),
                      attempt.has_error() ? "/" : "", attempt.error().reason());
}

}  // namespace

// ---- Start and end ----------------------------------------------------------

GatewayFixture::GatewayFixture() : executor_(NewThreadExecutor("simulator")) {
  log::SetLevel(log::Level::kError);
  simulator_options.latency = absl::Milliseconds(20);
  simulator_options.time_scale = 1000;
  simulator_options.enrow.rate_limit = 0;
  simulator_options.fullenrich.rate_limit = 0;
  auto http = NewCurlHttpClient(
      {.allow_plain_http = true, .allow_private_addresses = true});
  EXPECT_THAT(http, IsOk());
  if (http.ok()) http_ = *std::move(http);
}

GatewayFixture::~GatewayFixture() {
  StopGateway();
  simulator_.reset();
}

void GatewayFixture::TearDown() {
  if (simulator_ == nullptr) return;
  std::vector<std::string> providers = {"enrow", "fullenrich"};
  for (const PlayedProvider& provider : knobs.played) {
    providers.push_back(provider.id);
  }
  for (const std::string& provider : providers) {
    EXPECT_EQ(Total(provider, "repeated_keys"), 0) << provider;
    EXPECT_EQ(Total(provider, "repeated_lookups"), approved_lookups[provider])
        << provider;
  }
}

void GatewayFixture::ReserveSimulatorPort() { simulator_port_ = FreePort(); }

void GatewayFixture::ReserveWebhookPort() { webhook_port_ = FreePort(); }

std::string GatewayFixture::WebhookUrl(absl::string_view path) const {
  return absl::StrCat("http://127.0.0.1:", webhook_port_, path);
}

void GatewayFixture::StartSimulator() {
  simulator_options.listen = absl::StrCat("127.0.0.1:", simulator_port_);
  auto started =
      simulator::Simulator::Create(simulator_options, clock_, *executor_);
  ASSERT_THAT(started, IsOk());
  simulator_ = *std::move(started);
  simulator_port_ = simulator_->port();
}

// The configuration needs the webhook port before the gateway has one. Between
// finding it free and listening somebody else may take it.
void GatewayFixture::StartGateway() {
  const bool first = webhook_port_ == 0;
  absl::Status status = absl::UnavailableError("not tried");
  for (int i = 0; i < 50 && absl::IsUnavailable(status); ++i) {
    if (first) webhook_port_ = FreePort();
    ConfigResult config = ParseConfig(
        Config(), [](const std::string& name) -> std::optional<std::string> {
          return name + "-key";
        });
    ASSERT_EQ(FormatMistakes("config", config.mistakes), "");
    for (const PlayedProvider& provider : knobs.played) {
      config.config.accounts.push_back(PlayedAccount(provider));
    }
    auto started = GatewayServer::Start(
        config.config, clock_, random_,
        [](const absl::Status& fatal) { ADD_FAILURE() << "fatal: " << fatal; });
    status = started.status();
    if (started.ok()) gateway_ = *std::move(started);
  }
  ASSERT_THAT(status, IsOk());
  client_ = GatewayClient::Connect(gateway_->ports().grpc);
}

void GatewayFixture::StopGateway() { gateway_.reset(); }

std::string GatewayFixture::Config() const {
  return absl::StrCat(
      "server:\n  grpc_listen: 127.0.0.1:0\n  admin_listen: 127.0.0.1:0\n",
      "  webhook_listen: 127.0.0.1:", webhook_port_,
      knobs.pushes ? absl::StrCat("\n  public_url: ", WebhookUrl("")) : "",
      "\nstore:\n  path: ", dir_.File("gateway.db"), "\nproviders:\n",
      ProviderConfig("enrow"), ProviderConfig("fullenrich"),
      "waterfalls:\n  work_email: [", knobs.work_email, "]\n  phone: [",
      knobs.phone, "]\nengine:\n  balance_interval: 0s\n",
      "  linger: ", absl::FormatDuration(knobs.linger),
      "\n  request_timeout: ", absl::FormatDuration(knobs.request_timeout),
      "\n  park_unknown_after: ",
      absl::FormatDuration(knobs.park_unknown_after),
      "\n  give_up_sending_after: ",
      absl::FormatDuration(knobs.give_up_sending_after),
      "\negress:\n  allow_plain_http: true\n",
      "  allow_private_addresses: true\nlog_level: error\n", knobs.more);
}

std::string GatewayFixture::ProviderConfig(absl::string_view name) const {
  std::string out = absl::StrCat(
      "  - name: ", name, "\n    adapter: ", name,
      "\n    base_url: http://127.0.0.1:", simulator_port_, "/", name,
      "\n    api_key: env:", name,
      "\n    poll_first_after: ", absl::FormatDuration(knobs.poll_first_after),
      "\n    poll_interval: ", absl::FormatDuration(knobs.poll_interval), "\n");
  if (const int n = knobs.max_contacts_per_request; n > 0) {
    absl::StrAppend(&out, "    max_contacts_per_request: ", n, "\n");
  }
  if (const int n = knobs.max_running_contacts; n > 0) {
    absl::StrAppend(&out, "    max_running_contacts: ", n, "\n");
  }
  return out;
}

// Every secret is its own name, as the simulator has it.
AccountConfig GatewayFixture::PlayedAccount(
    const PlayedProvider& provider) const {
  AccountConfig account = rest::FixtureAccount(provider.definition);
  account.name = provider.id;
  account.base_url =
      absl::StrCat("http://127.0.0.1:", simulator_port_, "/", provider.id);
  account.poll_first_after = knobs.poll_first_after;
  account.poll_interval = knobs.poll_interval;
  account.callback_token = Secret(provider.callback_token);
  return account;
}

std::unique_ptr<GatewayClient> GatewayFixture::Connect(
    const std::string& token) const {
  return GatewayClient::Connect(gateway_->ports().grpc, token);
}

std::string GatewayFixture::address() const {
  return absl::StrCat("127.0.0.1:", gateway_->ports().grpc);
}

// ---- The simulator's books --------------------------------------------------

int64_t GatewayFixture::Total(absl::string_view provider,
                              absl::string_view name) const {
  return static_cast<int64_t>(Amount(provider, name));
}

std::string GatewayFixture::Get(const std::string& url) const {
  std::promise<HttpOutcome> answered;
  http_->Send({.method = "GET", .url = url}, absl::Seconds(10),
              [&answered](HttpOutcome outcome) {
                answered.set_value(std::move(outcome));
              });
  const HttpOutcome outcome = answered.get_future().get();
  EXPECT_THAT(outcome.transport, IsOk());
  return outcome.transport.ok() ? outcome.response->body : "";
}

std::string GatewayFixture::Metrics() const {
  return Get(
      absl::StrCat("http://127.0.0.1:", gateway_->ports().admin, "/metrics"));
}

double GatewayFixture::Amount(absl::string_view provider,
                              absl::string_view name) const {
  const auto stats = json::Document::Parse(
      Get(absl::StrCat("http://127.0.0.1:", simulator_port_, "/_sim/stats")));
  EXPECT_THAT(stats, IsOk());
  if (!stats.ok()) return -1;
  const auto total = stats->root()[provider][name].AsDouble();
  EXPECT_TRUE(total.has_value()) << provider << " " << name;
  return total.value_or(-1);
}

bool GatewayFixture::WaitForTotal(absl::string_view provider,
                                  absl::string_view name, int64_t value) const {
  return Eventually([&] { return Total(provider, name) >= value; });
}

// ---- Batches ----------------------------------------------------------------

v1::Batch GatewayFixture::Submit(const v1::EnrichBatchRequest& request) {
  v1::EnrichBatchResponse response;
  const grpc::Status status = client().EnrichBatch(request, response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.batch();
}

std::vector<v1::ResultEvent> GatewayFixture::List(const std::string& batch_id) {
  std::vector<v1::ResultEvent> events;
  const grpc::Status status = client().ListResults(batch_id, 3, events);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return events;
}

std::vector<v1::ResultEvent> GatewayFixture::Collect(
    const std::string& batch_id) {
  const auto watcher = client().Watch(WatchFromOldest(batch_id));
  const grpc::Status status = watcher->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  const std::vector<v1::ResultEvent>& events = watcher->events;
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].sequence(), static_cast<int64_t>(i + 1));
  }
  EXPECT_TRUE(!events.empty() && IsFinish(events.back()));
  const std::vector<v1::ResultEvent> listed = List(batch_id);
  EXPECT_EQ(listed.size(), events.size());
  for (size_t i = 0; i < std::min(listed.size(), events.size()); ++i) {
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(listed[i],
                                                                   events[i]))
        << "event " << i + 1;
  }
  return events;
}

std::map<std::string, std::string> GatewayFixture::Run(
    const v1::EnrichBatchRequest& request) {
  return Summaries(Collect(Submit(request).batch_id()));
}

std::vector<v1::ResultEvent> GatewayFixture::WaitForEvents(
    const std::string& batch_id, size_t count) {
  std::vector<v1::ResultEvent> events;
  EXPECT_TRUE(Eventually([&] {
    events = List(batch_id);
    return events.size() >= count;
  })) << events.size()
      << " events";
  return events;
}

v1::Contact Person(const std::string& ref, const std::string& last_name) {
  v1::Contact contact;
  contact.set_contact_ref(ref);
  contact.set_first_name("Vera");
  contact.set_last_name(last_name);
  contact.set_company_domain(absl::StrCat(ref, ".example"));
  return contact;
}

v1::EnrichBatchRequest BatchOf(const std::vector<v1::Contact>& contacts,
                               const std::vector<v1::ContactField>& fields) {
  static std::atomic<int> last_id = 0;
  v1::EnrichBatchRequest request;
  request.set_request_id(absl::StrCat("request-", ++last_id));
  request.mutable_contacts()->Add(contacts.begin(), contacts.end());
  for (const v1::ContactField field : fields) request.add_fields(field);
  return request;
}

std::string Summary(const v1::ContactResult& result) {
  std::vector<std::string> fields;
  for (const v1::FieldResult& field : result.fields()) {
    const std::string& name = v1::ContactField_Name(field.field());
    fields.push_back(absl::StrCat(
        absl::AsciiStrToLower(absl::StripPrefix(name, "CONTACT_FIELD_")), "=",
        WordOf(field.outcome()), "[",
        absl::StrJoin(field.attempts(), ",",
                      [](std::string* out, const v1::Attempt& attempt) {
                        absl::StrAppend(out, Summary(attempt));
                      }),
        "]"));
  }
  return absl::StrJoin(fields, " ");
}

std::map<std::string, std::string> Summaries(
    const std::vector<v1::ResultEvent>& events) {
  std::map<std::string, std::string> summaries;
  for (const v1::ResultEvent& event : events) {
    if (!event.has_contact_result()) continue;
    const v1::ContactResult& result = event.contact_result();
    summaries[result.contact_ref()] = Summary(result);
  }
  return summaries;
}

}  // namespace enrich
