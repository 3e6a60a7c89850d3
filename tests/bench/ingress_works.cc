#include <iostream>
#include <string>

#include "base/status_macros.h"
#include "bench/http_load.h"
#include "bench/nginx.h"
#include "bench/push_client.h"
#include "bench/works.h"

namespace enrich::bench {
namespace {

struct IngressWork {
  std::string name = {};
  size_t body_bytes = 0;
  int requests = 1;
};

absl::Status MeasureListener(Stage& stage, const Process& server, int port,
                             const std::string& subject,
                             const IngressWork& work) {
  HttpLoad load = {
      .request = MakePush(kBarePath, std::string(work.body_bytes, 'x')),
      .requests = stage.Scaled(work.requests / 10),
      .connections = 32};
  RETURN_IF_ERROR(RunHttpLoad(port, load).status());
  load.requests = stage.Scaled(work.requests);
  const absl::Duration cpu = server.CpuTime();
  ASSIGN_OR_RETURN(const absl::Duration duration, RunHttpLoad(port, load));
  const auto requests = static_cast<double>(load.requests);
  stage.Add(work.name, subject, "requests/s",
            requests / absl::ToDoubleSeconds(duration));
  stage.Add(work.name, subject, "server CPU us/request",
            absl::ToDoubleMicroseconds(server.CpuTime() - cpu) / requests);
  return absl::OkStatus();
}

absl::Status MeasureIngress(Stage& stage, const IngressWork& work) {
  {
    // Its listener is the gateway's.
    ASSIGN_OR_RETURN(const auto floor, stage.StartFloor());
    RETURN_IF_ERROR(MeasureListener(stage, floor->process(),
                                    floor->ports().http, kGateway, work));
  }
  {
    ASSIGN_OR_RETURN(const auto epoll, Child::Start({"--serve=epoll"}));
    RETURN_IF_ERROR(MeasureListener(stage, epoll->process(),
                                    epoll->ports().http, "bare epoll", work));
  }
  if (!NginxIsInstalled()) {
    std::cerr << work.name << " beside nginx is skipped: nginx and "
              << "libnginx-mod-http-echo are not installed\n";
    return absl::OkStatus();
  }
  stage.EmptyFolder();
  ASSIGN_OR_RETURN(const Nginx nginx, StartNginx(stage.folder()));
  return MeasureListener(stage, nginx.process, nginx.port, "nginx", work);
}

}  // namespace

absl::Status RunIngressWorks(Stage& stage) {
  const IngressWork works[] = {
      {.name = "ingress 690 B", .body_bytes = 690, .requests = 100'000},
      {.name = "ingress 67 kB", .body_bytes = 67'000, .requests = 30'000},
  };
  for (const IngressWork& work : works) {
    if (stage.Wanted(work.name)) RETURN_IF_ERROR(MeasureIngress(stage, work));
  }
  return absl::OkStatus();
}

}  // namespace enrich::bench
