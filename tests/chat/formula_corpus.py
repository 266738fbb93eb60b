"""Formulas as models write them, one a line, by subject."""

from __future__ import annotations

_LINES = {
    "alignments": r"""
\begin{aligned} f(x) &= (x+1)^2 \\ &= x^2+2x+1 \end{aligned}
\begin{align} a &= b + c \\ d &= e - f \end{align}
\begin{align*} 2x + 3 &= 7 \\ 2x &= 4 \\ x &= 2 \end{align*}
\begin{aligned}[t] a &= b \\ c &= d \end{aligned}
\begin{split} E &= mc^2 \\ &= \gamma m_0 c^2 \end{split}
\begin{equation} \begin{split} a &= b \\ &= c \end{split} \end{equation}
\begin{gather} x + y = 1 \\ x - y = 3 \end{gather}
\begin{gather*} a = b \\ c = d \end{gather*}
\begin{gathered} a = b \\ c = d \end{gathered}
\begin{alignat}{2} x &= 1 & \quad y &= 2 \\ z &= 3 & w &= 4 \end{alignat}
\begin{alignat*}{2} x &= 1 & \quad y &= 2 \end{alignat*}
\begin{alignedat}{2} x &= 1 &\quad y &= 2 \end{alignedat}
\begin{eqnarray} a &=& b \\ c &=& d \end{eqnarray}
\begin{eqnarray*} a & = & b \\ & = & c \end{eqnarray*}
\begin{multline} a + b + c \\ + d + e \end{multline}
\begin{multline*} a + b + c \\ + d + e \end{multline*}
\begin{flalign*} a &= b & \\ c &= d & \end{flalign*}
\begin{equation*} \int_0^1 x\,dx = \tfrac12 \end{equation*}
\begin{equation} E = mc^2 \label{eq:energy} \end{equation}
\begin{align} a &= b \label{eq:a} \\ c &= d \nonumber \end{align}
\begin{align} a &= b \notag \\ &= c \tag{1} \end{align}
\begin{aligned} a &= b \\[6pt] &= c \\[0.5em] &= d \end{aligned}
\begin{aligned} a &= b &&\text{by definition} \\ &= c &&\text{by (1)} \end{aligned}
\begin{aligned} \nabla \cdot \mathbf{E} &= \rho \\ \nabla \cdot \mathbf{B} &= 0 \end{aligned}
x = 1 \\ y = 2
a &= b \\ &= c
E = mc^2 \tag{1}
a^2 + b^2 = c^2 \tag*{(Pythagoras)}
\left\{\begin{aligned} 2x+y&=3\\ x-y&=0 \end{aligned}\right.
\begin{aligned} & x \ge 0 \\ & y \le 1 \end{aligned}
\boxed{\begin{aligned} a &= b \\ c &= d \end{aligned}}
\begin{aligned} \max_{x}\quad & c^\top x \\ \text{s.t.}\quad & Ax \le b, \\ & x \ge 0 \end{aligned}
""",
    "cases": r"""
f(x) = \begin{cases} x^2 & x \ge 0 \\ -x & x < 0 \end{cases}
\begin{dcases} 1 & x \\ 2 & y \end{dcases}
|x| = \begin{cases} x, & \text{if } x \geq 0 \\ -x, & \text{otherwise} \end{cases}
\begin{rcases} a = b \\ c = d \end{rcases} \Rightarrow e
\delta_{ij} = \begin{cases} 1 & i = j \\ 0 & i \neq j \end{cases}
\chi_A(x)=\begin{cases}1&\text{for }x\in A,\\0&\text{else.}\end{cases}
T(n) = \begin{cases} \Theta(1) & n = 1 \\ 2T(n/2) + \Theta(n) & n > 1 \end{cases}
\left\{ \begin{array}{ll} x & \text{if } $a > 0$ \\ y & \text{else} \end{array} \right.
\left\{ \begin{array}{@{}l@{}} x + y = 1 \\ x - y = 0 \end{array} \right.
n! = \begin{cases} 1 & n = 0 \\[4pt] n\,(n-1)! & n > 0 \end{cases}
""",
    "matrices": r"""
\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}
\begin{bmatrix} a & b \\ c & d \end{bmatrix}
\begin{vmatrix} a & b \\ c & d \end{vmatrix} = ad - bc
\begin{Vmatrix} a & b \\ c & d \end{Vmatrix}
\begin{Bmatrix} a & b \\ c & d \end{Bmatrix}
\begin{matrix} a & b \\ c & d \end{matrix}
\left(\begin{smallmatrix} a & b \\ c & d \end{smallmatrix}\right)
\bigl(\begin{smallmatrix} 0 & 1 \\ 1 & 0 \end{smallmatrix}\bigr)
\begin{bmatrix} a_{11} & \cdots & a_{1n} \\ \vdots & \ddots & \vdots \\ a_{m1} & \cdots & b \end{bmatrix}
\left[\begin{array}{cc|c} 1 & 2 & 3 \\ 4 & 5 & 6 \end{array}\right]
\left[\begin{array}{rrr|r} 1 & -2 & 3 & 9 \\ 0 & 1 & 3 & 5 \end{array}\right]
\begin{array}{c|c|c} p & q & p \land q \\ \hline T & T & T \\ T & F & F \end{array}
\begin{array}{|c|c|} \hline a & b \\ \hline c & d \\ \hline \end{array}
\begin{array}{*{3}{c}} 1 & 2 & 3 \end{array}
\begin{bmatrix*}[r] 1 & -2 \\ -3 & 4 \end{bmatrix*}
\det\begin{pmatrix} \lambda - a & -b \\ -c & \lambda - d \end{pmatrix} = 0
A^{-1} = \frac{1}{ad-bc}\begin{pmatrix} d & -b \\ -c & a \end{pmatrix}
R(\theta) = \begin{pmatrix} \cos\theta & -\sin\theta \\ \sin\theta & \cos\theta \end{pmatrix}
A = U \Sigma V^{\top}
(AB)^{\mathsf{T}} = B^{\mathsf{T}} A^{\mathsf{T}}
\operatorname{tr}(A) = \sum_i a_{ii}
\operatorname{rank}(A) + \dim\ker A = n
\mathbf{v} = \begin{bmatrix} v_1 & v_2 & v_3 \end{bmatrix}^\top
\begin{vmatrix} \hat{\imath} & \hat{\jmath} & \hat{k} \\ a_1 & a_2 & a_3 \end{vmatrix}
\begin{array}{r} 123 \\ +\,456 \\ \hline 579 \end{array}
\begin{array}{c:c} a & b \\ \hdashline c & d \end{array}
""",
    "chemistry": r"""
\ce{H2O}
\ce{2H2 + O2 -> 2H2O}
\ce{CO2 + H2O <=> H2CO3}
\ce{SO4^2-}
\ce{Fe^{3+}}
\ce{Na+}
\ce{^{14}_{6}C}
\ce{^{227}_{90}Th+}
\ce{CuSO4.5H2O}
\ce{CuSO4*5H2O}
\ce{AgNO3(aq) + NaCl(aq) -> AgCl(s) v + NaNO3(aq)}
\ce{Zn + 2HCl -> ZnCl2 + H2 ^}
\ce{CH3-CH2-OH}
\ce{CH2=CH2}
\ce{HC#CH}
\ce{[Cu(NH3)4]^2+}
\ce{K4[Fe(CN)6]}
\ce{A ->[\Delta] B}
\ce{A ->[H2SO4][heat] B}
\ce{1/2 O2}
\ce{CH3COOH <-> CH3COO- + H+}
\ce{MnO4- + 8H+ + 5e- -> Mn^2+ + 4H2O}
\ce{6CO2 + 6H2O ->[light] C6H12O6 + 6O2}
\ce{Ca(OH)2}
\ce{Fe2O3 + 3CO -> 2Fe + 3CO2}
\mathrm{H_2SO_4}
\text{H}_2\text{O}
\mathrm{pH} = -\log_{10}[\mathrm{H}^+]
K_a = \frac{[\ce{H+}][\ce{A-}]}{[\ce{HA}]}
\Delta G^\circ = \Delta H^\circ - T\Delta S^\circ
{}^{238}_{92}\mathrm{U} \rightarrow {}^{234}_{90}\mathrm{Th} + {}^{4}_{2}\mathrm{He}
\mathrm{N_2 + 3H_2 \rightleftharpoons 2NH_3}
""",
    "text": r"""
\text{50\% of x}
\text{speed} = \frac{\text{distance}}{\text{time}}
x = 5 \text{ if } y > 0
\text{cost \& benefit}
\text{if $x > 0$ then $y$}
\text{profit} = \$5 \times 20
\text{snake\_case} + 1
\mbox{for all } n
\hbox{otherwise}
\textbf{Step 1:}\quad x = 2
\textit{where}\ n \in \mathbb{N}
\texttt{len}(x)
\textrm{const}
\textsf{sans}
\text{a} \xrightarrow{\text{f}} \text{b}
P(\text{heads}) = 0.5
\underbrace{a + b}_{\text{sum}}
\overbrace{1 + 2 + \cdots + n}^{n \text{ terms}}
10\,\text{km/h}
25\,^\circ\mathrm{C}
5\% \text{ of } 200 = 10
x = 20%
\mathrm{Accuracy} = \frac{TP + TN}{TP + TN + FP + FN}
\text{“quoted”}
\text{naïve café}
\text{Loss} \approx 1{,}000
\#\{x : x > 0\}
""",
    "CJK": r"""
\text{速度} = \frac{\text{距离}}{\text{时间}}
\text{如果 } x > 0
\text{の場合}
\text{총합} = \sum_i x_i
面积 = \pi r^2
\text{当且仅当}\ a = b
\begin{cases} 1 & \text{若 } x > 0 \\ 0 & \text{其他} \end{cases}
\text{（1）} x = 1
F_{\text{合}} = ma
\text{利率} = 5\%
V_{\text{輸出}} = V_{\text{入力}}
\mathrm{平均} = \frac{1}{n}\sum x_i
""",
    "operators": r"""
\hat\theta = \arg\min_\theta L(\theta)
\arg\max_{y} P(y \mid x)
\underset{x}{\arg\min}\, f(x)
\operatorname*{argmax}_{x \in X} f(x)
\operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}
\mathop{\mathrm{argmin}}_{w} \|Xw - y\|_2^2
\argmin_x f(x)
\lim_{x \to \infty} \frac{1}{x} = 0
\limsup_{n\to\infty} a_n
\liminf_{n} a_n
\sup_{x \in A} f(x)
\inf\{x : x > 0\}
\max(a, b)
\min_{1 \le i \le n} a_i
\gcd(a, b) \cdot \operatorname{lcm}(a, b) = ab
a \bmod n
a \equiv b \pmod{n}
\log_2 n
\ln x
\sin^2 x + \cos^2 x = 1
\arctan x
\sinh x = \frac{e^x - e^{-x}}{2}
\det A
\dim V
\ker f
\Pr[X = x]
\exp\left(-\frac{x^2}{2}\right)
\operatorname{sgn}(x)
\operatorname{Re}(z)
\deg p
\hom(A, B)
\binom{n}{k} = \frac{n!}{k!(n-k)!}
{n \choose k}
\dbinom{n}{k}
\sum_{i=1}^{n} i = \frac{n(n+1)}{2}
\prod_{p} \frac{1}{1 - p^{-s}}
\coprod_i X_i
\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}
\iint_D f\,dA
\iiint_V \rho\,dV
\oint_C \mathbf{F} \cdot d\mathbf{r}
\bigcup_{i \in I} A_i
\bigcap_{n=1}^\infty U_n
\bigoplus_i V_i
\sum_{\substack{i < n \\ j < m}} a_{ij}
\sum\limits_{i=1}^n x_i
\int\limits_0^1 f(x)\,\mathrm{d}x
\Tr(\rho A)
\Var(X) = \mathbb{E}[X^2] - \mathbb{E}[X]^2
\abs{x} + \norm{v}
""",
    "algebra and calculus": r"""
x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}
\sqrt[3]{27} = 3
\sqrt{1 + \sqrt{1 + \sqrt{x}}}
\frac12
\dfrac{a}{b}
\tfrac{a}{b}
\cfrac{1}{1 + \cfrac{1}{1 + x}}
\frac{d}{dx} x^n = n x^{n-1}
\frac{\partial f}{\partial x}
\frac{\partial^2 u}{\partial t^2} = c^2 \nabla^2 u
f'(x) = \lim_{h \to 0} \frac{f(x+h) - f(x)}{h}
f''(x) + f'''(y)
\dot{x} + \ddot{y}
\left. \frac{x^2}{2} \right|_0^1
\int u\,dv = uv - \int v\,du
e^{i\pi} + 1 = 0
\left( \frac{a}{b} \right)^n
\left[ 0, 1 \right)
\left\{ x \in \mathbb{R} \middle| x > 0 \right\}
\lfloor x \rfloor + \lceil x \rceil
\left\lfloor \frac{n}{2} \right\rfloor
\|x\|_2
\left\lVert x \right\rVert
\langle u, v \rangle
\left< u, v \right>
a \cdot b \times c
a \div b
x_1, x_2, \ldots, x_n
1 + 2 + \dotsb + n
x_1, \dotsc, x_n
1.5 \times 10^{-3}
x^{2^{n}}
a_{i_j}
x^{\prime}
y = mx + b
(a+b)^2 = a^2 + 2ab + b^2
\sqrt{x}
\cancel{x} + 1
\bcancel{y}
\xcancel{z}
\cancelto{0}{x}
\boxed{x = 42}
\fbox{answer}
\phantom{x}y
a \; b \: c \, d \! e \quad f \qquad g
a\hspace{1em}b
a \hspace*{1em} b
\nabla f = \left( \frac{\partial f}{\partial x}, \frac{\partial f}{\partial y} \right)
\Gamma(n) = (n-1)!
\zeta(s) = \sum_{n=1}^\infty \frac{1}{n^s}
\genfrac{[}{]}{0pt}{}{n}{k}
f(x) \coloneqq x^2
√x ≤ y²
∅ ⊂ A ∪ B
α + β = γ
x ∈ ℝ, y → ∞
""",
    "physics": r"""
F = ma
E = \hbar\omega
i\hbar\frac{\partial}{\partial t}\Psi = \hat{H}\Psi
\vec{F} = q(\vec{E} + \vec{v} \times \vec{B})
\mathbf{F} = -\nabla V
\langle \psi | \hat{A} | \psi \rangle
\ket{\psi} = \alpha\ket{0} + \beta\ket{1}
\bra{\phi}\ket{\psi}
\braket{\phi|\psi}
\oint \mathbf{E} \cdot d\mathbf{A} = \frac{Q}{\epsilon_0}
R_{\mu\nu} - \tfrac12 R g_{\mu\nu} = \frac{8\pi G}{c^4} T_{\mu\nu}
\Delta x\,\Delta p \ge \frac{\hbar}{2}
\lambda = \frac{h}{p}
9.81\ \mathrm{m/s^2}
6.022 \times 10^{23}\ \mathrm{mol}^{-1}
\nabla \times \mathbf{B} = \mu_0\mathbf{J} + \mu_0\varepsilon_0\frac{\partial\mathbf{E}}{\partial t}
S = k_B \ln \Omega
\mathcal{L} = T - V
\slashed{D}
\Box \phi = 0
T^{\mu}{}_{\nu}
\ell = 1
\AA
\SI{9.8}{m/s^2}
""",
    "accents and fonts": r"""
\hat{x}, \bar{x}, \tilde{x}, \vec{x}, \dot{x}, \ddot{x}
\widehat{ABC}
\widetilde{xyz}
\overline{AB}
\underline{x}
\overrightarrow{AB}
\overleftarrow{AB}
\overleftrightarrow{AB}
\check{x} + \breve{x} + \acute{x} + \grave{x} + \mathring{x}
\mathbb{R}, \mathbb{C}, \mathbb{Z}, \mathbb{Q}, \mathbb{N}
\mathcal{L}, \mathscr{L}, \mathfrak{g}
\mathbf{x}, \boldsymbol{\mu}, \bm{\Sigma}
\mathrm{d}x, \mathit{abc}, \mathsf{T}, \mathtt{x}
\mathbbm{1}_{A}
\mathds{1}
\pmb{x}
\mathnormal{x}
{\bf x} + {\rm y}
\overparen{AB}
\underbrace{x}_{n} \overbrace{y}^{m}
\overset{!}{=} \underset{n}{\sim} \stackrel{\text{def}}{=}
\overset{\text{iid}}{\sim}
\R^n \to \R
\N \subset \Z \subset \Q
""",
    "sizes": r"""
\big( \Big( \bigg( \Bigg(
\bigl[ x \bigr] \Bigl\{ y \Bigr\}
\biggl\langle x \biggm| y \biggr\rangle
\displaystyle\sum_{i=1}^n i
\textstyle\sum_{i=1}^n i
\scriptstyle x \scriptscriptstyle y
{\large x} + {\small y}
{\tiny x}
\Large x = 1
\smash{x} + \vphantom{y}
\raisebox{1em}{x}
\kern 1em x \mkern 2mu y
""",
    "arrows": r"""
A \to B \gets C
A \rightarrow B \leftarrow C \leftrightarrow D
A \Rightarrow B \Leftarrow C \Leftrightarrow D
A \implies B \iff C \impliedby D
A \longrightarrow B \Longrightarrow C
x \mapsto x^2
x \longmapsto y
A \hookrightarrow B \twoheadrightarrow C
A \xrightarrow{f} B \xleftarrow[g]{h} C
A \xRightarrow{n \to \infty} B
A \rightleftharpoons B
\uparrow \downarrow \updownarrow \Uparrow \Downarrow
\nearrow \searrow \swarrow \nwarrow
A \rightharpoonup B \leftharpoondown C
A \leadsto B \rightsquigarrow C
A \nrightarrow B
X_n \xrightarrow{d} N(0, 1)
A \xmapsto{f} B
""",
    "logic and sets": r"""
\forall x \in X \; \exists y \in Y : P(x, y)
\neg(p \land q) \equiv \neg p \lor \neg q
p \implies q
\nexists x
A \cup B \cap C \setminus D
A \subseteq B \subsetneq C
x \notin A
\{ x \mid x > 0 \}
\{ x : x^2 = 1 \}
\emptyset = \varnothing
A \times B
A^c = \overline{A}
2^{|A|}
|A \cup B| = |A| + |B| - |A \cap B|
\Gamma \vdash \varphi
M \models \varphi
\top \bot
p \oplus q
\therefore x = 1 \because y = 2
\aleph_0 < 2^{\aleph_0}
\lnot p \lor q
A \triangle B
\square
\blacksquare
\Box p \to \Diamond p
""",
    "probability": r"""
P(A \mid B) = \frac{P(B \mid A)\,P(A)}{P(B)}
X \sim \mathcal{N}(\mu, \sigma^2)
\mathbb{E}[X] = \sum_x x\,P(X = x)
\operatorname{Var}(X) = \sigma^2
\operatorname{Cov}(X, Y)
f(x) = \frac{1}{\sqrt{2\pi\sigma^2}} e^{-\frac{(x-\mu)^2}{2\sigma^2}}
X \perp\!\!\!\perp Y \mid Z
\bar{X} = \frac1n \sum_{i=1}^n X_i
D_{\mathrm{KL}}(P \,\|\, Q) = \sum_x P(x)\log\frac{P(x)}{Q(x)}
H(X) = -\sum_i p_i \log_2 p_i
\hat{\beta} = (X^\top X)^{-1} X^\top y
\mathcal{L}(\theta) = \prod_{i=1}^n f(x_i; \theta)
\chi^2 = \sum \frac{(O - E)^2}{E}
z = \frac{\bar{x} - \mu}{\sigma / \sqrt{n}}
\theta_{t+1} = \theta_t - \eta \nabla_\theta J(\theta_t)
\mathrm{Attention}(Q, K, V) = \mathrm{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V
p(x_{1:T}) = \prod_{t=1}^{T} p(x_t \mid x_{<t})
\mathbb{P}\left(|X - \mu| \ge k\sigma\right) \le \frac{1}{k^2}
""",
    "colours": r"""
\color{red} x
\textcolor{blue}{x + y}
{\color{green} a} + b
\textcolor{#ff0000}{x}
\color{#00AA00}{y}
\textcolor[HTML]{FF8800}{z}
\colorbox{yellow}{x}
\fcolorbox{red}{white}{y}
\textcolor{ForestGreen}{\checkmark}
""",
    "definitions": r"""
\newcommand{\vect}[1]{\mathbf{#1}} \vect{x} + \vect{y}
\def\half{\frac12} \half + \half = 1
\DeclareMathOperator{\foo}{foo} \foo(x)
\renewcommand{\vec}[1]{\mathbf{#1}} \vec{x}
""",
}
FORMULAS = {subject: [line for line in text.split("\n") if line] for subject, text in _LINES.items()}
