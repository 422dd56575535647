// What a script adds to the report: a filter of the claims, the numbers of a point under the pointer or a finger, and
// a slider over the clip threshold. The page says everything without it.
"use strict";
(() => {
    const form = document.querySelector(".filter");
    const claims = [...document.querySelectorAll(".claim")];
    const folded = document.querySelector("#claims details");

    function filter() {
        const wanted = Object.fromEntries(new FormData(form));
        let shown = 0;
        for (const claim of claims) {
            claim.hidden = Object.entries(wanted).some(([key, value]) => value && claim.dataset[key] !== value);
            if (!claim.hidden) ++shown;
        }
        form.querySelector("output").textContent = `${shown} of ${claims.length} claims`;
        if (folded && Object.values(wanted).some(value => value)) folded.open = true;
    }

    function offerFilter() {
        for (const select of form.querySelectorAll("select")) {
            const values = [...new Set(claims.map(claim => claim.dataset[select.name]))];
            if (select.name !== "verdict")
                values.sort((a, b) => Number(a.replace("inf", "Infinity")) - Number(b.replace("inf", "Infinity")));
            for (const value of values) select.add(new Option(value, value));
        }
        form.hidden = false;
        form.addEventListener("input", filter);
        form.addEventListener("submit", event => event.preventDefault());
        filter();
    }

    function openForPrint() {
        let were = [];
        addEventListener("beforeprint", () => {
            were = [...document.querySelectorAll("details:not([open])")];
            for (const details of were) details.open = true;
        });
        addEventListener("afterprint", () => {
            for (const details of were) details.open = false;
        });
    }

    // A <title> shows only under a mouse, and late: the same words in a box, also under a finger.
    function speak() {
        const box = document.createElement("div");
        box.className = "said";
        box.hidden = true;
        document.body.append(box);
        for (const point of document.querySelectorAll("figure .spoken")) {
            const title = point.querySelector("title");
            point.dataset.words = title.textContent;
            title.remove();
        }
        addEventListener("pointerover", event => {
            const point = event.target.closest?.(".spoken");
            box.hidden = !point;
            if (!point) return;
            box.textContent = point.dataset.words;
            const at = point.getBoundingClientRect();
            box.style.left = `${Math.max(4, Math.min(at.left, innerWidth - 292)) + scrollX}px`;
            box.style.top = `${at.bottom + 6 + scrollY}px`;
        });
    }

    // The wells at a threshold b, from the numbers that the curves of the phase diagram carry.
    function offerSlider() {
        const figure = document.getElementById("phase-diagram");
        const table = document.getElementById("phase-diagram-data");
        const svg = figure?.querySelector("svg");
        if (!svg || !table) return;
        const lines = table.textContent
            .trim()
            .split("\n")
            .filter(line => !line.startsWith("#"));
        const names = lines[0].split(",");
        const rows = lines.slice(1).map(line => {
            const cells = line.split(",");
            return Object.fromEntries(names.map((name, k) => [name, cells[k]]));
        });
        const bands = rows.filter(row => row.kind === "band");
        const constants = rows.filter(row => row.kind === "constant");
        const wells = [...new Set(bands.map(band => band.well))];
        const places = [...svg.querySelectorAll(".spoken")]
            .map(point => {
                const b = /^b = ([^,]*),/.exec(point.dataset.words);
                const x = /translate\(([^,]*),/.exec(point.querySelector("use").getAttribute("transform"));
                return { b: Math.log(Number(b[1])), x: Number(x[1]) };
            })
            .sort((one, other) => one.b - other.b);
        if (places.length < 2) return;
        const first = places[0],
            last = places[places.length - 1];
        const low = Math.log(Math.min(...bands.map(band => Number(band.from))));
        const high = Math.log(Math.max(...bands.map(band => Number(band.to))));

        const line = document.createElementNS(svg.namespaceURI, "line");
        line.setAttribute("stroke", "#D55E00");
        line.setAttribute("stroke-width", "1.5");
        line.setAttribute("y1", "0");
        line.setAttribute("y2", svg.viewBox.baseVal.height);
        svg.append(line);

        const box = document.createElement("div");
        box.className = "slider";
        const label = document.createElement("label");
        const input = document.createElement("input");
        const output = document.createElement("output");
        Object.assign(input, { type: "range", min: 0, max: 1000, value: 500 });
        label.append("clip threshold b", input);
        box.append(label, output);
        svg.after(box);

        const constantAt = (well, order, b) => {
            const curve = constants
                .filter(row => row.well === well && row.exit_order === order)
                .map(row => ({ b: Number(row.clip), q: Number(row.constant) }))
                .sort((one, other) => one.b - other.b);
            const after = curve.findIndex(point => point.b >= b);
            if (after < 0 || (after === 0 && curve[0].b > b)) return null;
            if (after === 0) return curve[0].q;
            const share = Math.log(b / curve[after - 1].b) / Math.log(curve[after].b / curve[after - 1].b);
            return curve[after - 1].q * (curve[after].q / curve[after - 1].q) ** share;
        };
        const show = () => {
            const at = low + ((high - low) * Number(input.value)) / 1000;
            const b = Math.exp(at);
            const x = first.x + ((last.x - first.x) * (at - first.b)) / (last.b - first.b);
            line.setAttribute("x1", x);
            line.setAttribute("x2", x);
            const said = wells.map(well => {
                const band = bands.find(row => row.well === well && Number(row.from) <= b && b <= Number(row.to));
                if (!band) return null;
                const q = constantAt(well, band.exit_order, b);
                return `well ${well}: l* = ${band.exit_order}${q === null ? "" : `, q ≈ ${q.toPrecision(3)}`}`;
            });
            output.textContent = `b = ${b.toPrecision(3)}. ${said.filter(text => text).join("; ")}.`;
            input.setAttribute("aria-valuetext", output.textContent);
        };
        input.addEventListener("input", show);
        show();
    }

    if (form) offerFilter();
    openForPrint();
    speak();
    offerSlider();
})();
