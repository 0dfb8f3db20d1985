
document.querySelectorAll("table.sorts").forEach(function (table) {
  var heads = table.querySelectorAll("th");
  heads.forEach(function (head, at) {
    head.querySelector("button").addEventListener("click", function () {
      var down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      var value = function (body) { return body.rows[0].cells[at].getAttribute("data-v"); };
      var bodies = Array.prototype.slice.call(table.tBodies);
      bodies.sort(function (a, b) {
        var x = value(a), y = value(b), order = x - y;
        if (isNaN(order)) { order = x.localeCompare(y); }
        return down ? -order : order;
      });
      bodies.forEach(function (body) { table.appendChild(body); });
    });
  });
});
window.addEventListener("beforeprint", function () {
  document.querySelectorAll("details").forEach(function (details) { details.open = true; });
});
